#!/bin/bash
# The server of cpp-httplib 0.11.4 (Debian 12: libcpp-httplib-dev 0.11.4+ds-1+deb12u1) obeys `Range` by itself, for every
# answer that a handler gives as a whole (`set_content`), not for files alone. With `Range: bytes=0-3` was seen:
#   - a handler that leaves the status alone: 206 and four bytes of its JSON;
#   - one that sets 200: the four bytes under 200, which says that this is all;
#   - one that sets 404: four bytes of the error's text under 404;
#   - POST, for which HTTP gives `Range` no meaning: cut likewise, after the handler did its work;
#   - a range behind the end: 416 without a body, for POST too, although the work was done and the handler said 200.
# One would guess that ranges are for mounted files, or at least only for GET and a status of 200 that becomes 206. Whoever
# answers with JSON clears `ranges` of the request in a pre-routing handler (a const_cast), or takes out the header before
# it comes to the library. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work

version=0.11.4+ds-1+deb12u1
(
  cd "$work"
  apt-get -qq -o APT::Sandbox::User=root download "libcpp-httplib-dev=$version" "libcpp-httplib0.11=$version" \
    libssl-dev libssl3 libbrotli-dev libbrotli1 zlib1g-dev zlib1g
  for package in *.deb; do dpkg -x "$package" root; done
)
architecture=$(gcc -print-multiarch)

cat >"$work/show.cpp" <<'CPP'
#include <httplib.h>

#include <cstdio>
#include <thread>

int failed = 0;

void check(const char* what, const std::string& seen, const std::string& expected) {
  const bool same = seen == expected;
  std::printf("%s: %s: %s\n", same ? "as described" : "DIFFERENT", what, seen.c_str());
  if (!same) {
    std::printf("  expected: %s\n", expected.c_str());
    failed = 1;
  }
}

std::string text(const httplib::Result& result) {
  return result ? std::to_string(result->status) + " [" + result->body + "] " +
                      result->get_header_value("Content-Range")
                : httplib::to_string(result.error());
}

int main() {
  httplib::Server server;
  int posted = 0;
  server.Get("/plain", [](const auto&, auto& response) { response.set_content(R"({"answer":42})", "application/json"); });
  server.Get("/ok", [](const auto&, auto& response) {
    response.status = 200;
    response.set_content(R"({"answer":42})", "application/json");
  });
  server.Get("/missing", [](const auto&, auto& response) {
    response.status = 404;
    response.set_content(R"({"error":"no such thing"})", "application/json");
  });
  server.Post("/order", [&](const auto&, auto& response) {
    ++posted;
    response.status = 200;
    response.set_content(R"({"ordered":1})", "application/json");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  while (!server.is_running()) {
    std::this_thread::yield();
  }
  httplib::Client client("127.0.0.1", port);
  const httplib::Headers first{{"Range", "bytes=0-3"}};
  const httplib::Headers behind{{"Range", "bytes=100-200"}};
  check("no status set", text(client.Get("/plain", first)), R"(206 [{"an] bytes 0-3/13)");
  check("200 set", text(client.Get("/ok", first)), R"(200 [{"an] bytes 0-3/13)");
  check("404 set", text(client.Get("/missing", first)), R"(404 [{"er] bytes 0-3/25)");
  check("POST", text(client.Post("/order", first, "", "text/plain")), R"(200 [{"or] bytes 0-3/13)");
  check("GET behind the end", text(client.Get("/ok", behind)), "416 [] bytes 100-200/13");
  check("POST behind the end", text(client.Post("/order", behind, "", "text/plain")), "416 [] bytes 100-200/13");
  check("orders that were carried out", std::to_string(posted), "2");
  server.stop();
  thread.join();
  return failed;
}
CPP
g++ -std=c++20 -DCPPHTTPLIB_OPENSSL_SUPPORT -DCPPHTTPLIB_ZLIB_SUPPORT -DCPPHTTPLIB_BROTLI_SUPPORT \
  -I"$work/root/usr/include" -I"$work/root/usr/include/$architecture" "$work/show.cpp" -o "$work/show" \
  -L"$work/root/usr/lib/$architecture" -L"$work/root/lib/$architecture" \
  -lcpp-httplib -lssl -lcrypto -lz -lbrotlidec -lbrotlienc -lbrotlicommon -pthread
echo "cpp-httplib: $version"
LD_LIBRARY_PATH=$work/root/usr/lib/$architecture "$work/show"
