// The files named http_*_httplib.cpp alone include <httplib.h>. The limits are reasoned for in
// docs/decisions/0002.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <httplib.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/http.h"
#include "base/http_connection.h"
#include "base/http_field_syntax.h"
#include "base/http_idle_connections.h"
#include "base/log.h"

namespace base {
namespace {

/// What httplib reads from and writes to.
class Stream final : public httplib::Stream {
 public:
  explicit Stream(HttpConnection& connection) : connection_(connection) {}

  bool is_readable() const override { return connection_.is_readable(); }
  bool is_writable() const override { return connection_.is_writable(); }
  ssize_t read(char* data, std::size_t size) override { return connection_.read(data, size); }
  ssize_t write(const char* data, std::size_t size) override { return connection_.write(data, size); }
  socket_t socket() const override { return connection_.fd(); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    set(connection_.remote_address(), ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    set(connection_.local_address(), ip, port);
  }

 private:
  static void set(HttpConnection::Address address, std::string& ip, int& port) {
    if (!address.ip.empty()) {
      ip = std::move(address.ip);
      port = address.port;
    }
  }

  HttpConnection& connection_;
};

/// The connection that this thread is serving, for the handler that wants to keep it.
thread_local HttpConnection* current_connection = nullptr;
thread_local std::string current_topic;

/// The workers of httplib's server. Owned by the server; `enqueue` is also called for connections that wake
/// up.
class Workers final : public httplib::TaskQueue {
 public:
  explicit Workers(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      threads_.emplace_back([this] { work(); });
      pthread_setname_np(threads_.back().native_handle(), "http");
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

HttpRequest convert(const httplib::Request& in, std::string body) {
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

}  // namespace

/// httplib parses and routes; this class decides for how long and how much, and keeps idle connections away
/// from the workers.
class HttpServer::Impl final : private httplib::Server {
 public:
  Impl(HttpServer::Options options, HttpServer::Handler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        idle_({options_.idle_deadline, options_.max_connections},
              [this](int fd) { workers_->enqueue([this, fd] { process_and_close_socket(fd); }); }) {
    new_task_queue = [this] {
      workers_ = new Workers(options_.threads);  // httplib owns and deletes it
      return workers_;
    };
    set_payload_max_length(options_.max_body_bytes);
    set_handlers();
    bind();
  }

  ~Impl() override { shut_down(); }

  int bound_port() const { return port_; }

  void start() {
    idle_.start();
    accepting_ = std::jthread([this] { listen_after_bind(); });
    while (!is_running()) {
      std::this_thread::yield();
    }
  }

  void shut_down() {
    if (!accepting_.joinable()) {
      return;
    }
    stopping_ = true;
    // From here on no connection is handed to the workers, which end with the accepting thread.
    idle_.close_to_new();
    httplib::Server::stop();
    accepting_.join();  // joins the workers too
    idle_.stop();
  }

  void publish(const std::string& topic, std::string_view data) { idle_.publish(topic, data); }
  std::size_t open_streams() const { return idle_.open_streams(); }

 private:
  void set_handlers() {
    set_pre_routing_handler(
        [this](const httplib::Request& in, httplib::Response& out) { return before(in, out); });
    const HandlerWithContentReader with_body = [this](const httplib::Request& in, httplib::Response& out,
                                                      const httplib::ContentReader& reader) {
      read_body(in, out, reader);
    };
    Post(".*", with_body);
    Put(".*", with_body);
    Patch(".*", with_body);
    set_error_handler([](const httplib::Request&, httplib::Response& out) {
      if (out.body.empty()) {
        fill(out, HttpResponse::error(out.status, sentence_for(out.status)));
      }
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& out, std::exception_ptr) {
      fill(out, HttpResponse::error(503, "The request could not be handled; please try again."));
    });
  }

  void bind() {
    set_tcp_nodelay(true);
    // httplib's default is SO_REUSEPORT, with which a second server takes the same port and half of the
    // connections.
    set_socket_options([](socket_t fd) {
      const int one = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    });
    const bool bound = options_.port == 0
                           ? (port_ = bind_to_any_port(options_.host)) > 0
                           : (port_ = options_.port, bind_to_port(options_.host, options_.port));
    if (!bound) {
      throw std::runtime_error("cannot listen on " + options_.host + ":" + std::to_string(options_.port) +
                               ": the address is in use or does not belong to this machine");
    }
    // httplib asks for a backlog of five, which a burst of webhooks overflows.
    ::listen(svr_sock_, 512);
    ::fcntl(svr_sock_, F_SETFD, FD_CLOEXEC);
  }

  HandlerResponse before(const httplib::Request& in, httplib::Response& out) {
    current_connection->header_complete();
    if (in.method == "POST" || in.method == "PUT" || in.method == "PATCH") {
      const bool chunked = in.has_header("Transfer-Encoding");
      if (in.has_header("Content-Encoding")) {
        fill(out, HttpResponse::error(415, "Compressed bodies are not accepted."));
      } else if (!chunked && !in.has_header("Content-Length")) {
        fill(out, HttpResponse::error(400, "The Content-Length header is missing."));
      } else {
        return HandlerResponse::Unhandled;  // the body is read next
      }
      current_connection->close_after();
      out.set_header("Connection", "close");
      return HandlerResponse::Handled;
    }
    if (in.has_header("Transfer-Encoding") ||
        (in.has_header("Content-Length") && in.get_header_value("Content-Length") != "0")) {
      current_connection->close_after();  // a body where none is read
    }
    respond(in, {}, out);
    return HandlerResponse::Handled;
  }

  void read_body(const httplib::Request& in, httplib::Response& out, const httplib::ContentReader& reader) {
    std::string body;
    bool too_large = false;
    // httplib would parse a form, and offers no other way to keep it from doing so.
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
      current_connection->close_after();
    }
    if (too_large || out.status == 413) {  // httplib itself compares the length that was announced
      fill(out, HttpResponse::error(413, "The body is too large."));
    } else if (!complete) {
      fill(out, HttpResponse::error(400, "The body ended early or arrived too slowly."));
    } else {
      respond(in, std::move(body), out);
    }
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
      open_stream(response);
    } else {
      fill(out, response);
    }
  }

  static void open_stream(const HttpResponse& response) {
    std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n";
    for (const auto& [name, value] : response.headers.all()) {
      if (is_token(name) && !has_line_break(value)) {
        head.append(name).append(": ").append(value).append("\r\n");
      }
    }
    head += "Connection: close\r\n\r\nretry: 1000\n\n";
    current_connection->write(head.data(), head.size());
    current_connection->take_over();
    current_topic = response.event_stream->topic;
  }

  bool process_and_close_socket(socket_t fd) override {
    // Held back from children; httplib accepts without SOCK_CLOEXEC.
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    // Browsers connect ahead of need: a connection without a request must not hold a worker.
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, 0) == 0) {
      idle_.add(fd);
      return true;
    }
    HttpConnection connection(fd, options_);
    Stream stream(connection);
    current_connection = &connection;
    current_topic.clear();
    bool closed = false;
    const bool ok = process_request(stream, stopping_, closed, nullptr);
    current_connection = nullptr;
    if (connection.taken_over()) {
      idle_.add_event_stream(fd, std::move(current_topic));
    } else if (ok && !closed && !connection.must_close() && !connection.has_buffered_input()) {
      idle_.add(fd);
    } else {
      ::shutdown(fd, SHUT_WR);
      ::close(fd);
    }
    return ok;
  }

  const HttpServer::Options options_;
  const HttpServer::Handler handler_;
  int port_ = 0;
  Workers* workers_ = nullptr;
  std::atomic<bool> stopping_ = false;
  HttpIdleConnections idle_;
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
