#include <doctest/doctest.h>

#include "base/gzip.h"
#include "bot/web/asset_responses.h"
#include "bot/web/assets.h"

namespace {

base::HttpRequest get(base::HttpFields headers = {}, base::HttpFields query = {}) {
  base::HttpRequest request;
  request.method = "GET";
  request.headers = std::move(headers);
  request.query = std::move(query);
  return request;
}

std::string version_in(const std::string& page, const std::string& asset) {
  const auto begin = page.find("/assets/" + asset + "?v=") + asset.size() + 11;
  return page.substr(begin, page.find('"', begin) - begin);
}

}  // namespace

TEST_CASE("an asset goes out compressed to who takes that, and unpacks to its bytes") {
  const auto plain = bot::web::asset_response(get(), "chat.css");
  CHECK(plain.body == *bot::web::embedded_asset("chat.css"));
  CHECK_FALSE(plain.headers.get("Content-Encoding"));
  const auto packed = bot::web::asset_response(get({{"Accept-Encoding", "gzip, deflate, br"}}), "chat.css");
  CHECK(packed.headers.get("Content-Encoding") == "gzip");
  CHECK(packed.headers.get("Vary") == "Accept-Encoding");
  CHECK(packed.body.size() < plain.body.size() / 2);
  CHECK(base::gunzip(packed.body, 1'000'000) == plain.body);
  CHECK(packed.headers.get("ETag") != plain.headers.get("ETag"));
  CHECK(bot::web::asset_response(get({{"Accept-Encoding", "gzip;q=0"}}), "chat.css").body == plain.body);
}

TEST_CASE("an asset that the browser has already is not sent again") {
  const auto tag = *bot::web::asset_response(get(), "chat.js").headers.get("ETag");
  const auto again = bot::web::asset_response(get({{"If-None-Match", tag}}), "chat.js");
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(bot::web::asset_response(get({{"If-None-Match", "\"other\""}}), "chat.js").status == 200);
}

TEST_CASE("a page names the version of each asset, and only that address is kept for good") {
  const auto page = bot::web::page_html("index.html");
  const auto version = version_in(page, "chat.js");
  CHECK(version.size() == 12);
  CHECK(page.find("\"/assets/chat.css?v=") != std::string::npos);
  CHECK(page.find("/assets/chat.js\"") == std::string::npos);
  CHECK(page.ends_with("</html>\n"));
  CHECK(bot::web::asset_response(get({}, {{"v", version}}), "chat.js").headers.get("Cache-Control") ==
        "public, max-age=31536000, immutable");
  CHECK(bot::web::asset_response(get({}, {{"v", "0"}}), "chat.js").headers.get("Cache-Control") ==
        "no-cache");
}

TEST_CASE("a page is no asset, and neither is what is not there") {
  CHECK(bot::web::asset_response(get(), "index.html").status == 404);
  CHECK(bot::web::asset_response(get(), "../secret").status == 404);
  CHECK(bot::web::page_html("none.html").empty());
}
