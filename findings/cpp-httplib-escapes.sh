#!/bin/bash
# cpp-httplib 0.11.4 (Debian 12: libcpp-httplib-dev 0.11.4+ds-1+deb12u1) rewrites percent escapes where one expects bytes to
# pass as they are. Seen:
#   - every header's value is decoded, on both sides: `Authorization: Bearer a%41` is "Bearer aA" to a handler, `ETag:
#     "a%2Fb"` is "a/b" to the client. A signature, token or id with a % in it no longer compares equal;
#   - `Location` is, too, before it is followed: to /to?next=a%26b the client goes on with next=a&b, other parameters;
#   - the address that the client is given is encoded once more: "+" of a query goes out as %2B, so that a server that reads
#     "+" as a space gets a plus; ";" of a path and "," and ";" of a query as %3B and %2C. "%20" is left alone.
# Nobody guesses that a header is percent-encoded (HTTP says so of none), nor that a valid address is changed. Write spaces
# of a query as %20, follow redirects only where the target has no escapes, and let secrets and ids have no %.
# Exits with 1 if any of this is different.
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

int main() {
  httplib::Server server;
  server.Get("/header", [](const auto& request, auto& response) {
    response.set_header("ETag", "\"a%2Fb\"");
    response.set_content(request.get_header_value("Authorization"), "text/plain");
  });
  server.Get("/from", [](const auto&, auto& response) { response.set_redirect("/to?next=a%26b"); });
  server.Get(".*", [](const auto& request, auto& response) { response.set_content(request.target, "text/plain"); });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  while (!server.is_running()) {
    std::this_thread::yield();
  }
  httplib::Client client("127.0.0.1", port);
  const auto headers = client.Get("/header", httplib::Headers{{"Authorization", "Bearer a%41"}});
  check("request's Authorization: Bearer a%41", headers->body, "Bearer aA");
  check("response's ETag: \"a%2Fb\"", headers->get_header_value("ETag"), "\"a/b\"");
  check("Location: /to?next=a%26b", client.Get("/from")->get_header_value("Location"), "/to?next=a&b");
  const auto sent = [&](const char* address) { return client.Get(address)->body; };
  check("sent for /q?name=a+b", sent("/q?name=a+b"), "/q?name=a%2Bb");
  check("sent for /q?name=a%20b", sent("/q?name=a%20b"), "/q?name=a%20b");
  check("sent for /p;v=1/x?list=a,b;c", sent("/p;v=1/x?list=a,b;c"), "/p%3Bv=1/x?list=a%2Cb%3Bc");
  client.set_follow_location(true);
  check("followed to", sent("/from"), "/to?next=a&b");
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
