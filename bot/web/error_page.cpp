#include "bot/web/error_page.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/markup/markdown.h"
#include "bot/web/asset_responses.h"

namespace bot::web {

bool wants_page(const base::HttpRequest& request) {
  return request.headers.get("Accept").value_or("").find("text/html") != std::string::npos;
}

base::HttpResponse error_page(const base::HttpResponse& error) {
  constexpr std::string_view kPlace = "<!-- sentence -->";
  const auto json = base::parse_json(error.body);
  const auto sentence = json ? base::json_string(*json, "error").value_or("") : std::string();
  auto page = error;
  page.body = page_html("error.html");
  if (const auto at = page.body.find(kPlace); at != std::string::npos) {
    page.body.replace(at, kPlace.size(), markup::markdown_to_html(sentence));
  }
  page.content_type = "text/html; charset=utf-8";
  return page;
}

}  // namespace bot::web
