#!/usr/bin/env python3
"""torch-bench.py [--quick] [--device cuda|cpu] MODEL...: the models of the engine's benchmark in PyTorch.

A MODEL is "mlp 30-64-32-1" or "trees FEATURES TREES DEPTH". Perceptrons are Linear, ReLU and a
sigmoid or softmax. Trees are complete ones as tensors: every row walks all trees at once, one
gather per level. Modes: eager; compiled (torch.compile); and, on a GPU, captured: the compiled
model and its copies as one CUDA graph per lane. Copies from and to pinned memory are non_blocking,
four lanes with a stream each take turns. Prints a line about itself, then per line and between
tabs: model, rows, mode, records per second with copies, microseconds of a lone micro-batch
(median).
"""
import argparse
import platform
import sys
import time

import torch

SIZES = [1, 16, 64, 256, 1024, 4096, 16384, 65536]
QUICK_SIZES = [1, 16, 256]
LANES = 4
CAPTURED = "captured"


class Trees(torch.nn.Module):
    """Complete trees of one depth, their leaves summed."""

    def __init__(self, features, trees, depth):
        super().__init__()
        branches = 2**depth - 1
        self.depth = depth
        self.register_buffer("feature", torch.randint(features, (trees * branches,)))
        self.register_buffer("threshold", torch.randn(trees * branches))
        self.register_buffer("leaf", torch.randn(trees * 2**depth))
        self.register_buffer("branch_base", torch.arange(trees) * branches)
        self.register_buffer("leaf_base", torch.arange(trees) * 2**depth)
        self.branches = branches

    def forward(self, x):
        at = torch.zeros(x.shape[0], self.branch_base.shape[0], dtype=torch.int64, device=x.device)
        for _ in range(self.depth):
            node = at + self.branch_base
            right = x.gather(1, self.feature[node]) > self.threshold[node]
            at = 2 * at + 1 + right
        return self.leaf[at - self.branches + self.leaf_base].sum(1, keepdim=True)


def build(specification):
    kind, *rest = specification.split()
    if kind == "trees":
        features, trees, depth = (int(number) for number in rest)
        return Trees(features, trees, depth), features
    sizes = [int(size) for size in rest[0].split("-")]
    layers = []
    for index, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        layers.append(torch.nn.Linear(inputs, outputs))
        if index < len(sizes) - 2:
            layers.append(torch.nn.ReLU())
    layers.append(torch.nn.Sigmoid() if sizes[-1] == 1 else torch.nn.Softmax(1))
    return torch.nn.Sequential(*layers), sizes[0]


class Lane:
    """Buffers of one micro-batch and a stream of its own."""

    def __init__(self, module, features, rows, device):
        self.module = module
        self.device = device
        pinned = device.type == "cuda"
        self.host_in = torch.randn(rows, features, pin_memory=pinned)
        self.device_in = torch.empty(rows, features, device=device)
        width = module(self.device_in).shape[1]
        self.host_out = torch.empty(rows, width, pin_memory=pinned)
        self.stream = torch.cuda.Stream() if pinned else None
        self.graph = None

    def capture(self):
        with torch.cuda.stream(self.stream):
            for _ in range(3):
                self.step()
        self.stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self.stream):
            self.step()
        self.graph = graph

    def submit(self):
        if self.stream is None:
            self.step()
            return
        with torch.cuda.stream(self.stream):
            if self.graph is None:
                self.step()
            else:
                self.graph.replay()

    def step(self):
        self.device_in.copy_(self.host_in, non_blocking=True)
        self.host_out.copy_(self.module(self.device_in), non_blocking=True)

    def wait(self):
        if self.stream is not None:
            self.stream.synchronize()


def in_turn(lanes, seconds):
    end = time.perf_counter() + seconds
    batches = 0
    while time.perf_counter() < end:
        lane = lanes[batches % len(lanes)]
        lane.wait()
        lane.submit()
        batches += 1
    for lane in lanes:
        lane.wait()
    return batches


def alone(lane, seconds):
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not times:
        start = time.perf_counter()
        lane.submit()
        lane.wait()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def measure(name, mode, module, features, rows, device, seconds):
    lanes = [Lane(module, features, rows, device) for _ in range(LANES)]
    if mode == CAPTURED:
        for lane in lanes:
            lane.capture()
    for lane in lanes * 3:
        lane.submit()
        lane.wait()
    in_turn(lanes, seconds / 3)
    start = time.perf_counter()
    batches = in_turn(lanes, seconds)
    speed = batches * rows / (time.perf_counter() - start)
    micros = 1e6 * alone(lanes[0], seconds / 3)
    print(f"{name}\t{rows}\t{mode}\t{speed:.1f}\t{micros:.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("models", nargs="+")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        sys.exit("torch sees no CUDA device")
    where = torch.cuda.get_device_name() if device.type == "cuda" else platform.processor()
    print(f"PyTorch {torch.__version__} on {device.type} {where}, Python {platform.python_version()}")
    torch.manual_seed(1)
    torch.set_grad_enabled(False)
    torch.backends.cuda.matmul.allow_tf32 = False
    for name in arguments.models:
        module, features = build(name)
        module = module.to(device).eval()
        for rows in QUICK_SIZES if arguments.quick else SIZES:
            seconds = 0.06 if arguments.quick else 1.0
            measure(name, "eager", module, features, rows, device, seconds)
            torch._dynamo.reset()
            compiled = torch.compile(module, dynamic=False)
            for mode in ["compiled", CAPTURED] if device.type == "cuda" else ["compiled"]:
                try:
                    measure(name, mode, compiled, features, rows, device, seconds)
                except Exception as failure:  # no C++ compiler or no Triton: the others still count
                    first = str(failure).splitlines()[:1]
                    print(f"{mode} {name}, {rows} rows: {first}", file=sys.stderr)


main()
