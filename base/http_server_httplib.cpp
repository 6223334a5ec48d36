// The files named http_*_httplib.cpp alone include <httplib.h>. The limits are reasoned for in
// docs/decisions/0002.
#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <httplib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/http.h"
#include "base/http_connections.h"
#include "base/http_field_syntax.h"
#include "base/http_later.h"
#include "base/http_workers.h"
#include "base/log.h"

namespace base {
namespace {

/// Of the files that the process may open, for everything but connections.
constexpr std::size_t kReservedDescriptors = 256;
constexpr std::size_t kFewestConnections = 64;
/// httplib tells clients a number of requests after which the connection ends. It does not.
constexpr std::size_t kRequestsTold = 1'000'000;
/// What the kernel holds for a connection, instead of the megabytes that it would grow to.
constexpr int kSocketBuffer = 256 * 1024;

/// A complete request as httplib reads it, and what it writes: no peer is on the other side. Of the request
/// it is given the first line alone; the fields were read before, and stricter.
class Stream final : public httplib::Stream {
 public:
  explicit Stream(const HttpRequestHead& head)
      : input_(head.method + " " + head.target + " HTTP/1.1\r\n\r\n") {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* data, std::size_t size) override {
    const auto n = input_.copy(data, size, read_);
    read_ += n;
    return static_cast<ssize_t>(n);
  }
  ssize_t write(const char* data, std::size_t size) override {
    output_.append(data, size);
    return static_cast<ssize_t>(size);
  }
  socket_t socket() const override { return -1; }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}

  std::string take_output() { return std::move(output_); }

 private:
  const std::string input_;
  std::size_t read_ = 0;
  std::string output_;
};

/// The request that this thread is answering, for the handler.
struct Current {
  ReceivedRequest received;
  std::function<LaterResponse()> take_later;
  std::string stream_head;
  std::string topic;
  bool handled = false;
  bool is_later = false;
};
thread_local Current* current = nullptr;

HttpServer::Options within_descriptors(HttpServer::Options options) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    const auto room = static_cast<std::size_t>(limit.rlim_cur);
    options.max_connections =
        std::min(options.max_connections,
                 std::max(room > kReservedDescriptors ? room - kReservedDescriptors : 0, kFewestConnections));
  }
  return options;
}

const char* sentence_for(int status) {
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
      return "The request cannot be understood.";
  }
}

void fill(httplib::Response& out, const HttpResponse& response) {
  out.status = response.status;
  for (const auto& [name, value] : response.headers.all()) {
    if (is_token(name) && !has_line_break(value)) {
      out.set_header(name, value);
    }
  }
  out.set_content(response.body, response.content_type);
}

const char* phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 413:
      return "Payload Too Large";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "";  // RFC 9112, section 4: clients ignore it
  }
}

/// As httplib writes one.
std::string to_bytes(const HttpResponse& response, bool keep, std::chrono::seconds idle, bool with_body) {
  auto bytes = "HTTP/1.1 " + std::to_string(response.status) + ' ' + phrase_of(response.status) + "\r\n";
  bytes += keep ? "Keep-Alive: timeout=" + std::to_string(idle.count()) +
                      ", max=" + std::to_string(kRequestsTold) + "\r\n"
                : "Connection: close\r\n";
  for (const auto& [name, value] : response.headers.all()) {
    if (is_token(name) && !has_line_break(value)) {
      bytes.append(name).append(": ").append(value).append("\r\n");
    }
  }
  bytes.append("Content-Type: ").append(response.content_type).append("\r\nContent-Length: ");
  bytes.append(std::to_string(response.body.size())).append("\r\n\r\n");
  return with_body ? bytes + response.body : bytes;
}

HttpRequest convert(const httplib::Request& in, ReceivedRequest& received) {
  HttpRequest request;
  request.method = in.method;
  request.path = in.path;
  for (const auto& [name, value] : in.params) {
    request.query.add(name, value);
  }
  request.headers = std::move(received.request.head.fields);
  request.body = std::move(received.request.body);
  request.remote_address = std::move(received.remote_address);
  request.received_at = received.received_at;
  return request;
}

}  // namespace

/// httplib parses addresses and writes responses; HttpConnections decides what reaches it, and when.
class HttpServer::Impl final : private httplib::Server {
 public:
  Impl(HttpServer::Options options, HttpServer::Handler handler)
      : options_(within_descriptors(std::move(options))),
        handler_(std::move(handler)),
        connections_(options_, [this](ReceivedRequest request) { hand_on(std::move(request)); }) {
    set_pre_routing_handler([this](const httplib::Request& in, httplib::Response& out) {
      respond(in, out);
      return HandlerResponse::Handled;
    });
    set_error_handler([](const httplib::Request&, httplib::Response& out) {
      if (out.body.empty() && !current->handled) {
        fill(out, HttpResponse::error(out.status, sentence_for(out.status)));
      }
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& out, std::exception_ptr) {
      fill(out, HttpResponse::error(503, "The request could not be handled; please try again."));
    });
    set_keep_alive_timeout(std::chrono::duration_cast<std::chrono::seconds>(options_.idle_deadline).count());
    set_keep_alive_max_count(kRequestsTold);
    bind();
  }

  ~Impl() override {
    shut_down();
    if (svr_sock_ != INVALID_SOCKET) {
      ::close(svr_sock_);
    }
  }

  int bound_port() const { return port_; }

  void start() {
    const auto answer = [this](ReceivedRequest request) { this->answer(std::move(request)); };
    workers_.emplace(options_.threads, "http", answer);
    if (!options_.prompt_paths.empty()) {
      prompt_worker_.emplace(1, "http prompt", answer);
    }
    connections_.start(Fd(svr_sock_.exchange(INVALID_SOCKET)));
    started_ = true;
  }

  void shut_down() {
    if (!std::exchange(started_, false)) {
      return;
    }
    // From here on no request is handed to the workers.
    connections_.close_to_new();
    workers_->shut_down();
    if (prompt_worker_) {
      prompt_worker_->shut_down();
    }
    {
      std::unique_lock lock(later_mutex_);
      none_later_.wait(lock, [this] { return later_ == 0; });
    }
    connections_.stop();
  }

  void publish(const std::string& topic, std::string_view data) { connections_.publish(topic, data); }
  std::size_t open_streams() const { return connections_.open_streams(); }

 private:
  void bind() {
    // httplib's default is SO_REUSEPORT, with which a second server takes the same port and half of the
    // connections.
    set_socket_options([](socket_t fd) {
      const int one = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
      for (const int side : {SO_SNDBUF, SO_RCVBUF}) {
        ::setsockopt(fd, SOL_SOCKET, side, &kSocketBuffer, sizeof kSocketBuffer);
      }
    });
    const bool bound = options_.port == 0
                           ? (port_ = bind_to_any_port(options_.host)) > 0
                           : (port_ = options_.port, bind_to_port(options_.host, options_.port));
    if (!bound) {
      throw std::runtime_error("cannot listen on " + options_.host + ":" + std::to_string(options_.port) +
                               ": the address is in use or does not belong to this machine");
    }
    // httplib asks for a backlog of five, which a burst of webhooks overflows.
    ::listen(svr_sock_, 1024);
    ::fcntl(svr_sock_, F_SETFD, FD_CLOEXEC);
  }

  void hand_on(ReceivedRequest request) {
    const std::string_view target = request.request.head.target;
    const auto path = target.substr(0, target.find('?'));
    const bool prompt = std::find(options_.prompt_paths.begin(), options_.prompt_paths.end(), path) !=
                        options_.prompt_paths.end();
    (prompt ? *prompt_worker_ : *workers_).add(std::move(request));
  }

  void answer(ReceivedRequest received) {
    const int fd = received.fd;
    const auto& head = received.request.head;
    const bool keep = head.keep_alive && head.body != HttpRequestHead::Body::unread;
    Stream stream(head);
    const auto take_later = [this, fd, keep, with_body = head.method != "HEAD"] {
      return later_response(fd, keep, with_body);
    };
    Current here{std::move(received), take_later, {}, {}, false, false};
    current = &here;
    bool closed = false;
    process_request(stream, !keep, closed, nullptr);
    current = nullptr;
    if (here.is_later) {
      return;  // the connection may have its response already, and a new request
    }
    if (!here.topic.empty()) {
      connections_.open_stream(fd, here.stream_head, std::move(here.topic));
      return;
    }
    // What httplib refuses by itself it has not read to its end.
    connections_.respond(fd, stream.take_output(),
                         keep && here.handled ? HttpConnections::After::keep : HttpConnections::After::close);
  }

  LaterResponse later_response(int fd, bool keep, bool with_body) {
    const auto idle = std::chrono::duration_cast<std::chrono::seconds>(options_.idle_deadline);
    {
      const std::lock_guard lock(later_mutex_);
      ++later_;
    }
    return LaterResponse([this, fd, keep, with_body, idle](const HttpResponse& response) {
      connections_.respond(fd, to_bytes(response, keep, idle, with_body),
                           keep ? HttpConnections::After::keep : HttpConnections::After::close);
      const std::lock_guard lock(later_mutex_);
      if (--later_ == 0) {
        none_later_.notify_all();
      }
    });
  }

  void respond(const httplib::Request& in, httplib::Response& out) {
    current->handled = true;
    HttpResponse response;
    try {
      response = handler_(convert(in, current->received));
    } catch (const std::exception& e) {
      log_error("{} {}: {}", in.method, in.path, e.what());
      response = HttpResponse::error(503, "The request could not be handled; please try again.");
    }
    if (response.event_stream) {
      open_stream(response);
    } else {
      fill(out, response);
    }
  }

  static void open_stream(const HttpResponse& response) {
    // nginx gathers answers unless they say otherwise.
    std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
        "X-Accel-Buffering: no\r\n";
    for (const auto& [name, value] : response.headers.all()) {
      if (is_token(name) && !has_line_break(value)) {
        head.append(name).append(": ").append(value).append("\r\n");
      }
    }
    current->stream_head = head + "Connection: close\r\n\r\nretry: 1000\n\n";
    current->topic = response.event_stream->topic;
  }

  const HttpServer::Options options_;
  const HttpServer::Handler handler_;
  int port_ = 0;
  bool started_ = false;
  HttpConnections connections_;
  std::optional<HttpWorkers> workers_;
  std::optional<HttpWorkers> prompt_worker_;
  std::mutex later_mutex_;
  std::condition_variable none_later_;
  std::size_t later_ = 0;  ///< responses that are yet to be sent
};

std::optional<LaterResponse> LaterResponse::take() {
  if (current == nullptr || std::exchange(current->is_later, true)) {
    return std::nullopt;
  }
  return current->take_later();
}

LaterResponse::~LaterResponse() {
  if (send_) {
    send(HttpResponse::error(503, "The request could not be handled; please try again."));
  }
}

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
