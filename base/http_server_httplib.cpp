// This file and http_client_httplib.cpp alone include <httplib.h>. The limits are reasoned for in
// docs/decisions/0002.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <httplib.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/http.h"
#include "base/http_field_syntax.h"
#include "base/log.h"

namespace base {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxPendingBytesPerStream = 1024 * 1024;
constexpr milliseconds kHeartbeat{15'000};

/// What httplib reads from and writes to. It ends the reading at a deadline and at a number of bytes, neither
/// of which Debian's httplib 0.11 does for headers, chunked bodies and bodies without a length.
class BoundedStream final : public httplib::Stream {
 public:
  BoundedStream(int fd, const HttpServer::Options& options)
      : fd_(fd), options_(options), started_(SteadyClock::now()) {}

  bool is_readable() const override { return wait(POLLIN, read_deadline()); }
  bool is_writable() const override { return wait(POLLOUT, SteadyClock::now() + milliseconds(5000)); }

  ssize_t read(char* data, std::size_t size) override {
    if (begin_ == end_ && !fill()) {
      return -1;
    }
    if (begin_ == end_) {
      return 0;
    }
    const auto n = std::min(size, end_ - begin_);
    std::memcpy(data, buffer_ + begin_, n);
    begin_ += n;
    return static_cast<ssize_t>(n);
  }

  ssize_t write(const char* data, std::size_t size) override {
    if (taken_over_) {
      return static_cast<ssize_t>(size);
    }
    const auto until = SteadyClock::now() + options_.request_deadline;
    std::size_t done = 0;
    while (done < size) {
      const auto n = ::send(fd_, data + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) {
        done += static_cast<std::size_t>(n);
      } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (!wait(POLLOUT, until)) {
          return -1;
        }
      } else {
        return -1;
      }
    }
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override { address(::getpeername, ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { address(::getsockname, ip, port); }
  socket_t socket() const override { return fd_; }

  /// From now on the deadline of the body counts, and its size.
  void header_complete() { header_complete_ = true; }

  /// The response of httplib is dropped; the connection belongs to an event stream.
  void take_over() { taken_over_ = true; }
  bool taken_over() const { return taken_over_; }

  bool has_buffered_input() const { return begin_ != end_; }

  /// The rest of the request is not read, so what follows is not a request: the connection ends with the
  /// response.
  void close_after() { close_after_ = true; }
  bool must_close() const { return close_after_; }

 private:
  SteadyClock::time_point read_deadline() const {
    return started_ + (header_complete_ ? options_.request_deadline : options_.header_deadline);
  }

  bool wait(short events, SteadyClock::time_point until) const {
    while (true) {
      const auto left = std::chrono::ceil<milliseconds>(until - SteadyClock::now()).count();
      if (left <= 0) {
        return false;
      }
      pollfd p{fd_, events, 0};
      const int n = ::poll(&p, 1, static_cast<int>(left));
      if (n > 0) {
        return true;
      }
      if (n == 0 || errno != EINTR) {
        return false;
      }
    }
  }

  bool fill() {
    const auto limit =
        options_.max_header_bytes + (header_complete_ ? options_.max_body_bytes + sizeof buffer_ : 0);
    if (total_ >= limit || !wait(POLLIN, read_deadline())) {
      close_after_ = true;
      return false;
    }
    const auto n = ::recv(fd_, buffer_, sizeof buffer_, 0);
    if (n < 0) {
      close_after_ = true;
      return false;
    }
    begin_ = 0;
    end_ = static_cast<std::size_t>(n);
    total_ += end_;
    return true;
  }

  template <typename Function>
  void address(Function function, std::string& ip, int& port) const {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    char host[NI_MAXHOST], service[NI_MAXSERV];
    if (function(fd_, reinterpret_cast<sockaddr*>(&storage), &size) == 0 &&
        ::getnameinfo(reinterpret_cast<sockaddr*>(&storage), size, host, sizeof host, service, sizeof service,
                      NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
      ip = host;
      port = std::atoi(service);
    }
  }

  int fd_;
  const HttpServer::Options& options_;
  SteadyClock::time_point started_;
  char buffer_[8192];
  std::size_t begin_ = 0, end_ = 0, total_ = 0;
  bool header_complete_ = false;
  bool taken_over_ = false;
  bool close_after_ = false;
};

/// The connection that this thread is serving, for the handler that wants to keep it.
thread_local BoundedStream* current_stream = nullptr;
thread_local std::string current_topic;

/// The workers of httplib's server. Owned by the server; `enqueue` is also called for connections that wake
/// up.
class Workers final : public httplib::TaskQueue {
 public:
  explicit Workers(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      threads_.emplace_back([this] { work(); });
    }
  }

  void enqueue(std::function<void()> task) override {
    // Rung under the lock, so that whoever has seen the task gone may destroy this object.
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    ready_.notify_one();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    ready_.notify_all();
    for (auto& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

 private:
  void work() {
    while (true) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
        if (tasks_.empty()) {
          return;
        }
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  bool ending_ = false;
};

}  // namespace

/// httplib parses and routes; this class decides how long and how much, and keeps connections that wait.
class HttpServer::Impl final : private httplib::Server {
 public:
  Impl(HttpServer::Options options, HttpServer::Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)) {
    new_task_queue = [this] {
      workers_ = new Workers(options_.threads);  // httplib owns and deletes it
      return workers_;
    };
    set_tcp_nodelay(true);
    // httplib's default is SO_REUSEPORT, with which a second server takes the same port and half of the
    // connections.
    set_socket_options([](socket_t fd) {
      const int one = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    });
    set_payload_max_length(options_.max_body_bytes);
    set_pre_routing_handler(
        [this](const httplib::Request& in, httplib::Response& out) { return before(in, out); });
    const HandlerWithContentReader read_body = [this](const httplib::Request& in, httplib::Response& out,
                                                      const httplib::ContentReader& reader) {
      std::string body;
      bool too_large = false;
      // httplib would take a form apart, and has no other way to be kept from it.
      auto& headers = const_cast<httplib::Headers&>(in.headers);
      const auto content_type = in.get_header_value("Content-Type");
      headers.erase("Content-Type");
      const bool complete = reader([&](const char* data, std::size_t size) {
        too_large = body.size() + size > options_.max_body_bytes;
        if (!too_large) {
          body.append(data, size);
        }
        return !too_large;
      });
      if (!content_type.empty()) {
        headers.emplace("Content-Type", content_type);
      }
      if (!complete) {
        current_stream->close_after();
      }
      if (too_large || out.status == 413) {  // httplib itself compares the length that was announced
        fill(out, HttpResponse::error(413, "The body is too large."));
      } else if (!complete) {
        fill(out, HttpResponse::error(400, "The body ended early or came too slowly."));
      } else {
        respond(in, std::move(body), out);
      }
    };
    Post(".*", read_body);
    Put(".*", read_body);
    Patch(".*", read_body);
    set_error_handler([](const httplib::Request&, httplib::Response& out) {
      if (out.body.empty()) {
        fill(out, HttpResponse::error(out.status, sentence_for(out.status)));
      }
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& out, std::exception_ptr) {
      fill(out, HttpResponse::error(503, "The request could not be handled; please try again."));
    });

    const bool bound = options_.port == 0
                           ? (port_ = bind_to_any_port(options_.host)) > 0
                           : (port_ = options_.port, bind_to_port(options_.host, options_.port));
    if (!bound) {
      throw std::runtime_error("cannot listen on " + options_.host + ":" + std::to_string(options_.port) +
                               ": the address is in use or not this machine's");
    }
    // httplib asks for a backlog of five, which a burst of webhooks overflows.
    ::listen(svr_sock_, 512);
    ::fcntl(svr_sock_, F_SETFD, FD_CLOEXEC);

    epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
    wake_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!epoll_.valid() || !wake_.valid()) {
      throw_errno("cannot watch connections");
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = wake_.get();
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
  }

  ~Impl() override { shut_down(); }

  int bound_port() const { return port_; }

  void start() {
    events_ = std::jthread([this](std::stop_token stop) { watch(stop); });
    accepting_ = std::jthread([this] { listen_after_bind(); });
    while (!is_running()) {
      std::this_thread::yield();
    }
  }

  void shut_down() {
    if (!accepting_.joinable()) {
      return;
    }
    {
      // From here on no connection is handed to the workers, which end with the accepting thread.
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    httplib::Server::stop();
    accepting_.join();  // joins the workers too
    events_.request_stop();
    wake();
    events_.join();
    const std::lock_guard lock(mutex_);
    for (const auto& [fd, parked] : parked_) {
      ::close(fd);
    }
    parked_.clear();
  }

  void publish(const std::string& topic, std::string_view data) {
    std::string frame = "data: ";
    frame.append(data).append("\n\n");
    const std::lock_guard lock(mutex_);
    for (auto& [fd, parked] : parked_) {
      if (parked.topic == topic) {
        send_or_drop(fd, parked, frame);
      }
    }
    wake();
  }

  std::size_t open_streams() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(parked_.begin(), parked_.end(), [](const auto& p) { return !p.second.topic.empty(); }));
  }

 private:
  /// A connection that waits: for the next request (no topic), or for the next event.
  struct Parked {
    std::string topic;
    std::string pending;
    SteadyClock::time_point since;
    bool broken = false;
  };

  static const char* sentence_for(int status) {
    switch (status) {
      case 400:
        return "The request is malformed.";
      case 404:
        return "There is nothing at this address.";
      case 413:
        return "The body is too large.";
      case 414:
        return "The address is too long.";
      default:
        return "The request was not understood.";
    }
  }

  static void fill(httplib::Response& out, const HttpResponse& response) {
    out.status = response.status;
    for (const auto& [name, value] : response.headers.all()) {
      if (is_token(name) && !has_line_break(value)) {
        out.set_header(name, value);
      }
    }
    out.set_content(response.body, response.content_type);
  }

  static HttpRequest convert(const httplib::Request& in, std::string body) {
    HttpRequest request;
    request.method = in.method;
    request.path = in.path;
    for (const auto& [name, value] : in.params) {
      request.query.add(name, value);
    }
    for (const auto& [name, value] : in.headers) {
      request.headers.add(name, value);
    }
    request.body = std::move(body);
    request.remote_address = in.remote_addr;
    return request;
  }

  HandlerResponse before(const httplib::Request& in, httplib::Response& out) {
    current_stream->header_complete();
    if (in.method == "POST" || in.method == "PUT" || in.method == "PATCH") {
      const bool chunked = in.has_header("Transfer-Encoding");
      if (in.has_header("Content-Encoding")) {
        fill(out, HttpResponse::error(415, "Compressed bodies are not taken."));
      } else if (!chunked && !in.has_header("Content-Length")) {
        fill(out, HttpResponse::error(400, "The Content-Length header is missing."));
      } else {
        return HandlerResponse::Unhandled;  // the body is read next
      }
      current_stream->close_after();
      out.set_header("Connection", "close");
      return HandlerResponse::Handled;
    }
    if (in.has_header("Transfer-Encoding") ||
        (in.has_header("Content-Length") && in.get_header_value("Content-Length") != "0")) {
      current_stream->close_after();  // a body where none is read
    }
    respond(in, {}, out);
    return HandlerResponse::Handled;
  }

  void respond(const httplib::Request& in, std::string body, httplib::Response& out) {
    HttpResponse response;
    try {
      response = handler_(convert(in, std::move(body)));
    } catch (const std::exception& e) {
      log_error("{} {}: {}", in.method, in.path, e.what());
      response = HttpResponse::error(503, "The request could not be handled; please try again.");
    }
    if (response.event_stream) {
      std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n";
      for (const auto& [name, value] : response.headers.all()) {
        if (is_token(name) && !has_line_break(value)) {
          head.append(name).append(": ").append(value).append("\r\n");
        }
      }
      head += "Connection: close\r\n\r\nretry: 1000\n\n";
      current_stream->write(head.data(), head.size());
      current_stream->take_over();
      current_topic = response.event_stream->topic;
      return;
    }
    fill(out, response);
  }

  bool process_and_close_socket(socket_t fd) override {
    // Held back from children; httplib accepts without SOCK_CLOEXEC.
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    // Browsers connect ahead of need: a connection without a request must not hold a worker.
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, 0) == 0) {
      park(fd, {});
      return true;
    }
    BoundedStream stream(fd, options_);
    current_stream = &stream;
    current_topic.clear();
    bool closed = false;
    const bool ok = process_request(stream, stopping_, closed, nullptr);
    current_stream = nullptr;
    if (stream.taken_over()) {
      park(fd, std::move(current_topic));
    } else if (ok && !closed && !stream.must_close() && !stream.has_buffered_input()) {
      park(fd, {});
    } else {
      ::shutdown(fd, SHUT_WR);
      ::close(fd);
    }
    return ok;
  }

  void park(int fd, std::string topic) {
    const std::lock_guard lock(mutex_);
    if (stopping_ || parked_.size() >= options_.max_connections) {
      ::close(fd);
      return;
    }
    parked_[fd] = Parked{std::move(topic), {}, SteadyClock::now()};
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
      parked_.erase(fd);
      ::close(fd);
    }
  }

  void wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(wake_.get(), &one, sizeof one);
  }

  // With mutex_ held. What the socket does not take now waits for EPOLLOUT.
  void send_or_drop(int fd, Parked& parked, std::string_view bytes) {
    if (parked.broken) {
      return;
    }
    if (parked.pending.empty()) {
      const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN && errno != EINTR) {
        parked.broken = true;
        return;
      }
      bytes.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    if (bytes.empty()) {
      return;
    }
    parked.pending.append(bytes);
    parked.broken = parked.pending.size() > kMaxPendingBytesPerStream;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLOUT;
    event.data.fd = fd;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  }

  // With mutex_ held.
  void forget(int fd) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    parked_.erase(fd);
  }

  void on_event(int fd, std::uint32_t events) {
    const std::lock_guard lock(mutex_);
    const auto it = parked_.find(fd);
    if (it == parked_.end()) {
      return;
    }
    auto& parked = it->second;
    if (parked.topic.empty() && (events & EPOLLIN) != 0 && (events & (EPOLLHUP | EPOLLERR)) == 0) {
      forget(fd);
      if (stopping_) {
        ::close(fd);
        return;
      }
      workers_->enqueue([this, fd] { process_and_close_socket(fd); });
      return;
    }
    if (!parked.topic.empty() && (events & EPOLLIN) != 0) {
      char dropped[512];  // a stream has nothing more to say; its end shows here
      const auto n = ::recv(fd, dropped, sizeof dropped, MSG_DONTWAIT);
      parked.broken = parked.broken || n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    }
    if ((events & EPOLLOUT) != 0 && !parked.broken) {
      const auto pending = std::exchange(parked.pending, {});
      epoll_event event{};
      event.events = EPOLLIN | EPOLLRDHUP;
      event.data.fd = fd;
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
      send_or_drop(fd, parked, pending);
    }
    if (parked.broken || (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) {
      forget(fd);
      ::close(fd);
    }
  }

  void watch(std::stop_token stop) {
    auto next_heartbeat = SteadyClock::now() + kHeartbeat;
    while (!stop.stop_requested()) {
      epoll_event events[64];
      const int n = ::epoll_wait(epoll_.get(), events, 64, 1000);
      for (int i = 0; i < n; ++i) {
        if (events[i].data.fd == wake_.get()) {
          std::uint64_t count = 0;
          [[maybe_unused]] const auto size = ::read(wake_.get(), &count, sizeof count);
        } else {
          on_event(events[i].data.fd, events[i].events);
        }
      }
      sweep(next_heartbeat);
    }
  }

  void sweep(SteadyClock::time_point& next_heartbeat) {
    const auto now = SteadyClock::now();
    const bool beat = now >= next_heartbeat;
    if (beat) {
      next_heartbeat = now + kHeartbeat;
    }
    const std::lock_guard lock(mutex_);
    std::vector<int> ended;
    for (auto& [fd, parked] : parked_) {
      if (beat && !parked.topic.empty()) {
        send_or_drop(fd, parked, ": still here\n\n");
      }
      if (parked.broken || (parked.topic.empty() && now - parked.since > options_.idle_deadline)) {
        ended.push_back(fd);
      }
    }
    for (const int fd : ended) {
      forget(fd);
      ::close(fd);
    }
  }

  const HttpServer::Options options_;
  const HttpServer::Handler handler_;
  int port_ = 0;
  Fd epoll_;
  Fd wake_;
  Workers* workers_ = nullptr;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::unordered_map<int, Parked> parked_;
  std::jthread events_;
  std::jthread accepting_;
};

HttpServer::HttpServer(Options options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}
HttpServer::~HttpServer() = default;
int HttpServer::port() const {
  return impl_->bound_port();
}
void HttpServer::start() {
  impl_->start();
}
void HttpServer::stop() {
  impl_->shut_down();
}
void HttpServer::publish(const std::string& topic, std::string_view data) {
  impl_->publish(topic, data);
}
std::size_t HttpServer::open_streams() const {
  return impl_->open_streams();
}

}  // namespace base
