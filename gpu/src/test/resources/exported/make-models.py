#!/usr/bin/env python3
"""make-models.py DIR: exports the networks of this folder anew. Needs torch, onnx and onnxscript."""
import math
import sys

import onnx
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(3)


class TransformerEncoder(nn.Module):
    def __init__(self, width=16, vocabulary=50, tokens=8):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.position = nn.Parameter(torch.randn(1, tokens, width) * 0.1)
        layer = nn.TransformerEncoderLayer(width, 4, 32, batch_first=True, dropout=0.1)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(width, 3)

    def forward(self, tokens):
        return self.out(self.encoder(self.embedding(tokens) + self.position).mean(1)).softmax(-1)


class MaskedAttention(nn.Module):
    def __init__(self, width=16, heads=4):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, x, mask):
        batch, tokens, width = x.shape
        query, key, value = (
            part.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
            for part in self.qkv(x).chunk(3, -1)
        )
        weights = query @ key.transpose(-2, -1) / math.sqrt(width // self.heads)
        weights = weights.masked_fill(mask[:, None, None, :] == 0, float("-inf")).softmax(-1)
        return self.norm(x + self.out((weights @ value).transpose(1, 2).reshape(batch, tokens, width)))


class CausalAttention(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, x):
        parts = (layer(x).view(x.size(0), -1, 4, 4).transpose(1, 2) for layer in (self.query, self.key, self.value))
        return F.scaled_dot_product_attention(*parts, is_causal=True).transpose(1, 2).flatten(2)


class Einsum(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = nn.Parameter(torch.randn(4, 6, 5))

    def forward(self, x):
        return torch.einsum("bti,hij->bhtj", x, self.weights).sum(1).flatten(1)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(2, 8, 3, padding="same", dilation=2), nn.BatchNorm2d(8), nn.SiLU(),
            nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=8), nn.Conv2d(8, 12, 1), nn.GroupNorm(3, 12),
            nn.Hardswish(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(48, 4),
        )

    def forward(self, x):
        return F.log_softmax(self.layers(x), 1)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3, 1, 1), nn.Conv2d(8, 8, 3, 1, 1)
        self.norms = nn.ModuleList([nn.BatchNorm2d(8), nn.BatchNorm2d(8)])
        self.out = nn.Linear(8, 5)

    def forward(self, x):
        y = F.relu(self.norms[0](self.first(x)))
        y = F.relu(y + self.norms[1](self.second(y)))
        return self.out(F.max_pool2d(y, 3, 2, 1, ceil_mode=True).mean((2, 3)))


class DenseAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(20, 8), nn.ELU(), nn.Linear(8, 3), nn.Tanh())
        self.decoder = nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(), nn.Linear(8, 20))

    def forward(self, x):
        y = self.decoder(self.encoder(x))
        return y, ((x - y) ** 2).mean(1), torch.norm(x - y, dim=1)


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 8, 3, 2, 1), nn.PReLU(8),
            nn.ConvTranspose2d(8, 4, 3, 2, 1, output_padding=1), nn.ReLU(),
            nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(4, 1, 3, padding=1, padding_mode="reflect"),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.layers(x)


class Interpolation(nn.Module):
    def forward(self, x):
        return (
            F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False),
            F.interpolate(x, size=(7, 9), mode="bilinear", align_corners=True),
            F.pixel_shuffle(x, 2),
        )


class Recurrent(nn.Module):
    def __init__(self, kind, both_ways):
        super().__init__()
        self.layers = kind(5, 6, 2, batch_first=True, bidirectional=both_ways)
        self.out = nn.Linear(12 if both_ways else 6, 2)

    def forward(self, x):
        return self.out(self.layers(x)[0][:, -1])


class Embeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.user, self.item, self.bias = nn.Embedding(30, 8), nn.Embedding(40, 8), nn.Embedding(40, 1)
        self.layers = nn.Sequential(nn.Linear(20, 16), nn.GELU(), nn.Dropout(0.2), nn.Linear(16, 1))

    def forward(self, user, item, x):
        a, b = self.user(user), self.item(item)
        deep = self.layers(torch.cat([a, b, x], 1)).squeeze(1)
        return torch.sigmoid(deep + (a * b).sum(1) + self.bias(item).squeeze(1))


class MaskedMean(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.out = nn.Embedding(30, 6, padding_idx=0), nn.Linear(6, 2)

    def forward(self, tokens):
        mask = (tokens != 0).unsqueeze(-1).float()
        return self.out((self.embedding(tokens) * mask).sum(1) / mask.sum(1).clamp(min=1))


class Selections(nn.Module):
    def forward(self, x):
        top, positions = torch.topk(x, 3, 1)
        return (
            top, positions, torch.where(x > 0.5, x, torch.zeros_like(x)).cumsum(1), x[:, ::2], x[:, -2:],
            torch.argmax(x, 1), x.clamp(-1, 1), torch.stack([x, x * 2], 1).permute(0, 2, 1).reshape(x.size(0), -1),
            torch.std(x, 1), torch.roll(x, 2, 1), x.flip(1), torch.logsumexp(x, 1), F.normalize(x, dim=1),
            torch.var_mean(x, 1)[0], torch.sort(x, 1)[0],
        )


class Activations(nn.Module):
    def forward(self, x):
        return torch.cat([
            F.gelu(x), F.gelu(x, approximate="tanh"), F.mish(x), F.softplus(x), F.selu(x), F.hardsigmoid(x),
            F.hardtanh(x), F.softsign(x), F.celu(x, 0.7), F.relu6(x), F.logsigmoid(x), torch.erf(x), F.glu(x, 1),
            F.tanhshrink(x), F.softshrink(x), F.hardshrink(x), F.threshold(x, 0.1, 20.0),
        ], 1)


class SequenceConvolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(3, 6, 5, padding=2), nn.InstanceNorm1d(6, affine=True), nn.ReLU(), nn.MaxPool1d(2),
            nn.Conv1d(6, 4, 3, padding=4, dilation=4), nn.AdaptiveMaxPool1d(1), nn.Flatten(),
        )

    def forward(self, x):
        return self.layers(x)


class Arithmetic(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 4)

    def forward(self, x):
        y = self.layer(x)
        y = (y - y.mean(1, keepdim=True)) / (y.std(1, keepdim=True, unbiased=False) + 1e-5)
        low, high = y.split(2, 1)
        return (
            torch.maximum(low, high) * (x[:, :1] > 0).to(y.dtype)
            + y.abs().amax(1, keepdim=True) + torch.tensor([1, 2])
        )


class GatedRms(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.up, self.down = nn.Linear(width, 2 * width, bias=False), nn.Linear(width, width)

    def forward(self, x):
        y = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.scale
        gate, value = self.up(y).chunk(2, -1)
        return x + self.down(F.silu(gate) * value)


def tokens(bound, *shape):
    return torch.randint(bound, shape)


NEW = 18  # the opset of the newer exporter
MODELS = {
    "transformer-encoder": (TransformerEncoder(), [tokens(50, 2, 8)], 17),
    "masked-attention": (MaskedAttention(), [torch.randn(2, 5, 16), tokens(2, 2, 5)], NEW),
    "masked-attention-13": (MaskedAttention(), [torch.randn(2, 5, 16), tokens(2, 2, 5)], 13),
    "causal-attention": (CausalAttention(), [torch.randn(2, 6, 16)], NEW),
    "einsum-13": (Einsum(), [torch.randn(2, 3, 6)], 13),
    "cnn": (Cnn(), [torch.randn(2, 2, 12, 12)], NEW),
    "residual-9": (Residual(), [torch.randn(2, 3, 9, 9)], 9),
    "dense-autoencoder": (DenseAutoencoder(), [torch.randn(2, 20)], NEW),
    "autoencoder-11": (Autoencoder(), [torch.randn(2, 1, 8, 8)], 11),
    "interpolation-13": (Interpolation(), [torch.randn(2, 4, 4, 5)], 13),
    "lstm": (Recurrent(nn.LSTM, True), [torch.randn(2, 4, 5)], NEW),
    "gru-11": (Recurrent(nn.GRU, False), [torch.randn(2, 4, 5)], 11),
    "embeddings": (Embeddings(), [tokens(30, 2), tokens(30, 2), torch.randn(2, 4)], NEW),
    "masked-mean-9": (MaskedMean(), [tokens(30, 2, 5)], 9),
    "selections": (Selections(), [torch.randn(2, 8)], 17),
    "activations": (Activations(), [torch.randn(2, 6)], NEW),
    "sequence-convolution": (SequenceConvolution(), [torch.randn(2, 3, 16)], NEW),
    "arithmetic-9": (Arithmetic(), [torch.randn(2, 6)], 9),
    "gated-rms": (GatedRms(), [torch.randn(2, 3, 16)], 17),
    "half-precision": (
        nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)).half(), [torch.randn(2, 6).half()], 17),
}


def strip(message):
    """Takes out what names files and lines of Python."""
    for field, value in message.ListFields():
        if field.name in ("metadata_props", "doc_string", "name_scopes"):
            message.ClearField(field.name)
        elif field.message_type is not None:
            for inner in value if hasattr(value, "__len__") else [value]:
                strip(inner)


def main():
    folder = sys.argv[1]
    for name, (module, arguments, opset) in MODELS.items():
        path = f"{folder}/{name}.onnx"
        inputs = [f"in{index}" for index in range(len(arguments))]
        if opset == NEW:
            batch = torch.export.Dim("batch", min=2, max=4096)
            torch.onnx.export(
                module.eval(), tuple(arguments), path, opset_version=opset, dynamo=True, external_data=False,
                input_names=inputs, dynamic_shapes=tuple({0: batch} for _ in arguments))
        else:
            torch.onnx.export(
                module.eval(), tuple(arguments), path, opset_version=opset, dynamo=False,
                input_names=inputs, dynamic_axes={each: {0: "batch"} for each in inputs})
        model = onnx.load(path)
        strip(model)
        onnx.save(model, path)


main()
