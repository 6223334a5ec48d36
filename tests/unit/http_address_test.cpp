#include "base/http_address.h"

#include <doctest/doctest.h>

#include "tests/support/text.h"

using base::address_problem;
using support::contains;

TEST_CASE("an address that nothing can be called at is refused with what it lacks, and never repeated") {
  const auto problem = [](const char* url) { return address_problem(url).value_or(""); };
  CHECK(contains(problem("ftp://host/"), "begin with https://"));
  CHECK(contains(problem(""), "begin with https://"));
  for (const char* url :
       {"http://", "http:///cb", "http://:8080/", "http://[]/", "http://[::1", "http://ho%20st/"}) {
    CAPTURE(url);
    CHECK(contains(problem(url), "name a host"));
  }
  for (const char* url :
       {"http://host:/", "http://host:0/", "http://host:99999/", "http://host:8x/", "http://[::1]8/"}) {
    CAPTURE(url);
    CHECK(contains(problem(url), "a port between"));
  }
  CHECK(contains(problem("http://ann:word@host/cb"), "no user name"));
  CHECK_FALSE(contains(problem("http://ann:word@host/cb"), "word@"));
  CHECK(contains(problem("http://host?x=y"), "\"/\" behind its host"));
  for (const char* url : {"http://host/a b", "http://ho st/", "http://host/a\r\nX: y"}) {
    CAPTURE(url);
    CHECK(contains(problem(url), "white space"));
  }
  for (const char* url :
       {"http://host", "https://host:443/a?b=c@d#e", "http://127.0.0.1:1/", "http://[::1]:8/x"}) {
    CAPTURE(url);
    CHECK_FALSE(address_problem(url));
  }
  CHECK(base::query_of("https://host/a?key=b") == "key=b");
  CHECK(base::query_of("https://host/a").empty());
}
