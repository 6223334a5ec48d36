#include "tests/support/program/page_client.h"

#include "base/form.h"

namespace support {

base::HttpResponse PageClient::sign_in(const std::string& password, const std::string& name,
                                       const std::string& more) {
  base::HttpCall call;
  call.method = "POST";
  call.url = desk_->url() + "/login";
  call.content_type = "application/x-www-form-urlencoded";
  call.body = (name.empty() ? "" : "name=" + base::url_encode(name) + "&") +
              "password=" + base::url_encode(password) + more;
  const auto response = base::http_call(call);
  keep(response);
  return response;
}

std::string PageClient::cookie_of(const base::HttpResponse& response) {
  const auto set = response.headers.get("Set-Cookie").value_or("");
  return set.substr(0, set.find(';'));
}

std::string PageClient::csrf() const {
  constexpr std::string_view kMeta = R"(<meta name="csrf-token" content=")";
  const auto page = get("/admin").body;
  const auto at = page.find(kMeta);
  return at == std::string::npos
             ? ""
             : page.substr(at + kMeta.size(), page.find('"', at + kMeta.size()) - at - kMeta.size());
}

base::HttpResponse PageClient::get(const std::string& path, const base::HttpFields& more) const {
  return send_plain("GET", path, {}, more);
}

base::HttpResponse PageClient::send(const std::string& method, const std::string& path,
                                    const std::string& body) const {
  base::HttpFields headers;
  if (path.starts_with("/api/v1/")) {
    headers.add("X-CSRF-Token", csrf());
  }
  return send_plain(method, path, body, headers);
}

base::HttpResponse PageClient::send_plain(const std::string& method, const std::string& path,
                                          const std::string& body, base::HttpFields headers) const {
  if (!cookie_.empty()) {
    headers.add("Cookie", cookie_);
  }
  return desk_->call(method, path, body, headers);
}

}  // namespace support
