#include "bot/web/pages.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/form.h"
#include "bot/texts/page.h"
#include "bot/web/asset_responses.h"

namespace bot::web {
namespace {

using base::HttpResponse;

constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

constexpr std::string_view kConsole = "/admin";
/// An address of a console's view with all its filters is shorter.
constexpr std::size_t kMaxWanted = 2'000;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '&'    ? "&amp;"
           : c == '<'  ? "&lt;"
           : c == '>'  ? "&gt;"
           : c == '"'  ? "&quot;"
           : c == '\'' ? "&#39;"
                       : std::string(1, c);
  }
  return out;
}

void put_instead(std::string& page, std::string_view place, const std::string& html) {
  if (const auto at = page.find(place); at != std::string::npos) {
    page.replace(at, place.size(), html);
  }
}

HttpResponse html(std::string_view name, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.body = page_html(name);
  response.content_type = "text/html; charset=utf-8";
  return response;
}

bool is_of_console(std::string_view path) {
  return path == kConsole || path.starts_with("/admin/") || path.starts_with("/admin?");
}

std::string encoded_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    out += base::url_encode(path.substr(0, end));
    out += end < path.size() ? "/" : "";
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

}  // namespace

HttpResponse signed_in_page(std::string_view name, const Visitor& visitor) {
  auto page = html(name);
  put_instead(page.body, "</head>",
              fmt::format("  <meta name=\"csrf-token\" content=\"{}\">\n"
                          "  <meta name=\"signed-in\" content=\"{}\">\n"
                          "  <meta name=\"person\" content=\"{}\">\n</head>",
                          visitor.caller.csrf, escaped(visitor.caller.name), escaped(visitor.person)));
  return page;
}

HttpResponse sign_in_page(const Session& session, const std::string& wanted) {
  if (!session.has_password()) {
    return html("token.html", 401);
  }
  auto page = html("login.html", 401);
  put_instead(page.body, "<!-- wanted -->",
              fmt::format("<input name=\"to\" type=\"hidden\" value=\"{}\">", escaped(wanted)));
  if (session.has_names()) {
    put_instead(page.body, "<!-- name -->",
                "<label for=\"name\">Name</label>\n"
                "      <input id=\"name\" name=\"name\" autocomplete=\"username\" autocapitalize=\"none\" "
                "spellcheck=\"false\">");
  }
  return page;
}

HttpResponse wrong_password_page(const Session& session, const std::string& wanted) {
  auto page = sign_in_page(session, wanted);
  put_instead(page.body, "<!-- wrong -->", fmt::format("<p role=\"alert\">{}</p>", texts::kWrongPassword));
  return page;
}

bool is_section_of_console(std::string_view path) {
  // Those of pages/src/console/sections.tsx.
  constexpr std::array<std::string_view, 9> kSections = {
      "", "log", "review", "operations", "routing", "budgets", "people", "health", "account"};
  path.remove_prefix(std::min(path.size(), kConsole.size() + 1));
  const auto section = path.substr(0, path.find('/'));
  return std::find(kSections.begin(), kSections.end(), section) != kSections.end();
}

bool came_by_link(const base::HttpRequest& request) {
  const auto site = request.headers.get("Sec-Fetch-Site").value_or("");
  return (site == "cross-site" || site == "same-site") &&
         request.headers.get("Sec-Fetch-Mode").value_or("") == "navigate";
}

bool is_embedded(const base::HttpRequest& request) {
  const auto site = request.headers.get("Sec-Fetch-Site").value_or("");
  return (site == "cross-site" || site == "same-site") &&
         request.headers.get("Sec-Fetch-Dest").value_or("") != "document";
}

HttpResponse ask_again_page(const std::string& wanted) {
  auto page = html("again.html");
  put_instead(page.body, "<!-- wanted -->",
              fmt::format("<meta http-equiv=\"refresh\" content=\"0; url={}\">", escaped(wanted)));
  return page;
}

HttpResponse no_chat_page() {
  return html("no_chat.html", 403);
}

HttpResponse redirect(const std::string& to) {
  HttpResponse response;
  response.status = 303;
  response.content_type = "text/plain";
  response.headers.add("Location", to);
  return response;
}

void harden(HttpResponse& response) {
  response.headers.add("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.add("X-Content-Type-Options", "nosniff");
  // Not "no-referrer": with that a browser sends "Origin: null" along with our own forms.
  response.headers.add("Referrer-Policy", "same-origin");
  if (!response.headers.get("Cache-Control")) {  // assets have their own
    response.headers.add("Cache-Control", "no-store");
  }
}

std::string wanted_of(const base::HttpRequest& request) {
  auto wanted = encoded_path(request.path);
  char before = '?';
  for (const auto& [name, value] : request.query.all()) {
    if (name != "token") {
      wanted += before + base::url_encode(name) + "=" + base::url_encode(value);
      before = '&';
    }
  }
  return wanted.size() <= kMaxWanted ? wanted : encoded_path(request.path).substr(0, kMaxWanted);
}

std::string target_of(const std::string& wanted, bool chats) {
  const bool plain = std::all_of(wanted.begin(), wanted.end(),
                                 [](char c) { return c > ' ' && c < '\x7f' && c != '\\' && c != '#'; });
  if (plain && wanted.size() <= kMaxWanted && is_of_console(wanted)) {
    return wanted;
  }
  return chats ? "/" : std::string(kConsole);
}

}  // namespace bot::web
