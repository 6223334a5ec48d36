#include "base/http_admission.h"

#include <string>

#include <doctest/doctest.h>

#include "base/network.h"

namespace base {
namespace {

using Kind = HttpAdmission::Kind;

HttpAdmission::Limits limits(std::size_t connections, std::size_t per_address) {
  return {connections, per_address, 10, {"10.0.0.1"}};
}

TEST_CASE("an address that has too many incomplete connections loses its oldest") {
  HttpAdmission admission(limits(100, 2));
  admission.add(1, "192.0.2.1");
  admission.add(2, "192.0.2.2");
  admission.add(3, "192.0.2.1");
  CHECK_FALSE(admission.surplus(3));
  admission.add(4, "192.0.2.1");
  CHECK(admission.surplus(4) == 1);
  admission.remove(1);
  CHECK_FALSE(admission.surplus(4));
  // What has been complete does not count, and begins anew as the newest.
  admission.become(3, Kind::busy);
  admission.add(5, "192.0.2.1");
  CHECK_FALSE(admission.surplus(5));
  admission.become(3, Kind::incomplete);
  CHECK(admission.surplus(3) == 4);
}

TEST_CASE("a proxy has a higher limit, not none") {
  HttpAdmission admission(limits(100, 2));
  for (int fd = 1; fd <= 10; ++fd) {
    admission.add(fd, "10.0.0.1");
    CHECK_FALSE(admission.surplus(fd));
  }
  admission.add(11, "10.0.0.1");
  CHECK(admission.surplus(11) == 1);
}

TEST_CASE("all addresses of one IPv6 /64 are one") {
  HttpAdmission admission(limits(100, 2));
  admission.add(1, "2001:db8::1");
  admission.add(2, "2001:db8::2");
  admission.add(3, "2001:db8:0:1::3");
  CHECK_FALSE(admission.surplus(3));
  admission.add(4, "2001:db8::ffff:4");
  CHECK(admission.surplus(4) == 1);
}

TEST_CASE("where there are too many, the oldest idle one goes, then the oldest incomplete one") {
  HttpAdmission admission(limits(3, 100));
  admission.add(1, "192.0.2.1");
  admission.add(2, "192.0.2.2");
  admission.add(3, "192.0.2.3");
  admission.become(2, Kind::idle);
  admission.become(3, Kind::idle);
  admission.become(2, Kind::busy);
  admission.become(2, Kind::idle);  // younger than 3
  admission.add(4, "192.0.2.4");
  CHECK(admission.surplus(4) == 3);
  admission.remove(3);
  admission.add(5, "192.0.2.5");
  CHECK(admission.surplus(5) == 2);
  admission.remove(2);
  admission.add(6, "192.0.2.6");
  CHECK(admission.surplus(6) == 1);
}

TEST_CASE("the newest goes only where all others are busy") {
  HttpAdmission admission(limits(1, 100));
  admission.add(1, "192.0.2.1");
  admission.become(1, Kind::busy);
  admission.add(2, "192.0.2.2");
  CHECK(admission.surplus(2) == 2);
}

TEST_CASE("an address is counted for its network") {
  CHECK(network_of("192.0.2.1") == "192.0.2.1");
  CHECK(network_of("::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(network_of("192.0.2.1:4711") == "192.0.2.1");
  CHECK(network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(network_of("[2001:db8:1:2::9]:443") == "2001:db8:1:2::/64");
  CHECK(network_of("fe80::1%eth0") == "fe80::/64");
  CHECK(network_of("2001:0DB8:0001:0002::1") == network_of("2001:db8:1:2:ffff::"));
  CHECK(network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1"));
  CHECK(network_of("unknown") == "unknown");
  CHECK(network_of("") == "");
}

TEST_CASE("loopback is 127.0.0.0/8 and ::1") {
  for (const auto& address : {"127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "[::1]"}) {
    CAPTURE(address);
    CHECK(is_loopback(address));
  }
  for (const auto& address : {"192.0.2.1", "::2", "::ffff:192.0.2.1", "128.0.0.1", "127.evil.example", ""}) {
    CAPTURE(address);
    CHECK_FALSE(is_loopback(address));
  }
}

}  // namespace
}  // namespace base
