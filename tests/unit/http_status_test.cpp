#include <doctest/doctest.h>

#include "base/http.h"

namespace base {
namespace {

TEST_CASE("a status says whether the same call may succeed when it is made again") {
  for (const int status : {200, 201, 204, 299}) {
    CAPTURE(status);
    CHECK(status_meaning(status) == StatusMeaning::success);
  }
  CHECK(status_meaning(401) == StatusMeaning::unauthorized);
  CHECK(status_meaning(403) == StatusMeaning::unauthorized);
  CHECK(status_meaning(429) == StatusMeaning::rate_limited);
  for (const int status : {408, 500, 502, 503, 504, 529}) {
    CAPTURE(status);
    CHECK(status_meaning(status) == StatusMeaning::temporary);
  }
  for (const int status : {0, 199, 300, 302, 400, 404, 405, 409, 410, 413, 422, 499}) {
    CAPTURE(status);
    CHECK(status_meaning(status) == StatusMeaning::permanent);
  }
}

TEST_CASE("only a 2xx is ok") {
  HttpResponse response;
  for (const int status : {200, 204, 299}) {
    response.status = status;
    CHECK(response.ok());
  }
  for (const int status : {100, 199, 300, 404, 500}) {
    response.status = status;
    CHECK_FALSE(response.ok());
  }
}

}  // namespace
}  // namespace base
