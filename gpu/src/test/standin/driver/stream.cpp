// Streams, events, stream capture and graphs.
#include "standin.h"

using namespace standin;

namespace {
constexpr uint64_t QUEUE_LIMIT = 1024;  // like the driver's, a full queue blocks the caller

void work(Stream* stream) {
  State& s = state();
  Lock lock(s.mutex);
  for (;;) {
    s.changed.wait(lock, [&] { return !stream->operations.empty() || stream->destroyed; });
    if (stream->operations.empty()) return;  // the struct stays: handles of queued operations may name it
    Operation operation = std::move(stream->operations.front());
    stream->operations.pop_front();
    if (!s.fatal) {
      lock.unlock();
      const int result = operation();
      operation = nullptr;
      lock.lock();
      if (result && !s.fatal) s.fatal = result;
    }
    stream->completed++;
    s.changed.notify_all();
  }
}

void push(Stream* stream, Operation operation, Lock& lock) {
  State& s = state();
  s.changed.wait(lock, [&] { return stream->submitted - stream->completed < QUEUE_LIMIT; });
  stream->operations.push_back(std::move(operation));
  stream->submitted++;
  s.changed.notify_all();
}
}  // namespace

namespace standin {

Stream* find_stream(void* handle) {
  State& s = state();
  return s.streams.count((Stream*)handle) ? (Stream*)handle : nullptr;
}

void submit(Stream* stream, Operation operation, Lock& lock) {
  if (stream->capture) {
    stream->capture->operations.push_back(std::move(operation));
    return;
  }
  push(stream, std::move(operation), lock);
}

void drain(Stream* stream, Lock& lock) {
  const uint64_t last = stream->submitted;
  state().changed.wait(lock, [&] { return stream->completed >= last; });
}

void drain_all(Lock& lock) {
  const std::set<Stream*> streams = state().streams;
  for (Stream* stream : streams) drain(stream, lock);
}

namespace {
bool is_broken_by_caller(const Stream* stream) {
  const Capture* capture = stream->capture.get();
  return capture && (capture->any_thread || capture->thread == std::this_thread::get_id());
}
}  // namespace

bool any_capture() {
  for (Stream* stream : state().streams)
    if (is_broken_by_caller(stream)) return true;
  return false;
}

int break_captures() {
  for (Stream* stream : state().streams)
    if (is_broken_by_caller(stream)) stream->capture->broken = true;
  return CAPTURE_UNSUPPORTED;
}

}  // namespace standin

API cuStreamCreate(void** handle, unsigned) {
  ENTER_CONTEXT();
  Stream* stream = new Stream;
  s.streams.insert(stream);
  s.counters[STREAMS]++;
  std::thread(work, stream).detach();
  *handle = stream;
  return SUCCESS;
}

API cuStreamDestroy_v2(void* handle) {
  ENTER_CONTEXT();
  Stream* stream = find_stream(handle);
  if (!stream) return INVALID_HANDLE;
  s.streams.erase(stream);
  s.counters[STREAMS]--;
  stream->destroyed = true;
  s.changed.notify_all();
  return SUCCESS;
}

API cuStreamSynchronize(void* handle) {
  ENTER_CONTEXT();
  Stream* stream = find_stream(handle);
  if (!stream) return INVALID_HANDLE;
  if (stream->capture) {
    stream->capture->broken = true;
    return CAPTURE_UNSUPPORTED;
  }
  drain(stream, lock);
  return s.fatal;
}

API cuEventCreate(void** handle, unsigned flags) {
  ENTER_CONTEXT();
  Event* event = new Event;
  event->timing = (flags & 2) == 0;
  s.events.insert(event);
  s.counters[EVENTS]++;
  *handle = event;
  return SUCCESS;
}

API cuEventDestroy_v2(void* handle) {
  ENTER_CONTEXT();
  if (!s.events.erase((Event*)handle)) return INVALID_HANDLE;  // the struct stays, see work()
  s.counters[EVENTS]--;
  return SUCCESS;
}

API cuEventRecord(void* handle, void* stream_handle) {
  ENTER_CONTEXT();
  Event* event = (Event*)handle;
  Stream* stream = find_stream(stream_handle);
  if (!stream || !s.events.count(event)) return INVALID_HANDLE;
  if (stream->capture) {
    stream->capture->broken = true;
    return CAPTURE_UNSUPPORTED;
  }
  const uint64_t record = ++event->recorded;
  submit(
      stream,
      [event, record] {
        Lock inside(state().mutex);
        event->reached = record > event->reached ? record : event->reached;
        event->time = Clock::now();
        return (int)SUCCESS;
      },
      lock);
  return SUCCESS;
}

API cuEventQuery(void* handle) {
  ENTER_CONTEXT();
  Event* event = (Event*)handle;
  if (!s.events.count(event)) return INVALID_HANDLE;
  return event->reached >= event->recorded ? SUCCESS : NOT_READY;
}

API cuEventElapsedTime(float* millis, void* from, void* to) {
  ENTER_CONTEXT();
  Event *first = (Event*)from, *second = (Event*)to;
  if (!s.events.count(first) || !s.events.count(second)) return INVALID_HANDLE;
  if (!first->timing || !second->timing || !first->recorded || !second->recorded) return INVALID_HANDLE;
  if (first->reached < first->recorded || second->reached < second->recorded) return NOT_READY;
  *millis = std::chrono::duration<float, std::milli>(second->time - first->time).count();
  return SUCCESS;
}

API cuStreamBeginCapture_v2(void* handle, int mode) {
  ENTER_CONTEXT();
  Stream* stream = find_stream(handle);
  if (!stream) return INVALID_HANDLE;
  if (stream->capture) return INVALID_VALUE;
  stream->capture = std::make_shared<Capture>();
  stream->capture->thread = std::this_thread::get_id();
  stream->capture->any_thread = mode == 0;
  return SUCCESS;
}

API cuStreamEndCapture(void* handle, void** graph) {
  ENTER_CONTEXT();
  *graph = nullptr;
  Stream* stream = find_stream(handle);
  if (!stream) return INVALID_HANDLE;
  if (!stream->capture) return INVALID_VALUE;
  const std::shared_ptr<Capture> capture = std::move(stream->capture);
  stream->capture = nullptr;
  if (capture->broken) return CAPTURE_INVALIDATED;
  Graph* made = new Graph{capture->operations};
  s.graphs.insert(made);
  s.counters[GRAPHS]++;
  *graph = made;
  return SUCCESS;
}

API cuGraphInstantiateWithFlags(void** executable, void* handle, unsigned long long) {
  ENTER_CONTEXT();
  Graph* graph = (Graph*)handle;
  if (!s.graphs.count(graph)) return INVALID_HANDLE;
  Graph* made = new Graph{graph->operations};
  s.executables.insert(made);
  s.counters[GRAPH_EXECUTABLES]++;
  *executable = made;
  return SUCCESS;
}

API cuGraphDestroy(void* handle) {
  ENTER_CONTEXT();
  if (!s.graphs.erase((Graph*)handle)) return INVALID_HANDLE;
  delete (Graph*)handle;
  s.counters[GRAPHS]--;
  return SUCCESS;
}

API cuGraphExecDestroy(void* handle) {
  ENTER_CONTEXT();
  if (!s.executables.erase((Graph*)handle)) return INVALID_HANDLE;
  delete (Graph*)handle;
  s.counters[GRAPH_EXECUTABLES]--;
  return SUCCESS;
}

API cuGraphLaunch(void* handle, void* stream_handle) {
  ENTER_CONTEXT();
  Graph* executable = (Graph*)handle;
  Stream* stream = find_stream(stream_handle);
  if (!stream || !s.executables.count(executable)) return INVALID_HANDLE;
  s.counters[GRAPH_LAUNCHES]++;
  if (fires(s.faults.launch_at)) return (int)s.faults.launch_code;
  for (const Operation& operation : executable->operations) submit(stream, operation, lock);
  return SUCCESS;
}
