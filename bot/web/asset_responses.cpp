#include "bot/web/asset_responses.h"

#include <map>

#include "base/crypto.h"
#include "base/guarded.h"
#include "base/gzip.h"
#include "bot/texts/page.h"
#include "bot/web/assets.h"

namespace bot::web {
namespace {

using base::HttpRequest;
using base::HttpResponse;

constexpr std::string_view kAssets = "\"/assets/";
constexpr std::size_t kVersion = 12;
constexpr int kSmall = 9;

/// What is worked out once for each file, when it is first asked for.
struct Prepared {
  std::string version;
  std::string compressed;
};

const Prepared& prepared(std::string_view name, std::string_view bytes) {
  static base::Guarded<std::map<std::string, Prepared, std::less<>>> files;
  return files.with([&](auto& known) -> const Prepared& {  // the nodes of a map stay where they are
    auto found = known.find(name);
    if (found == known.end()) {
      const auto version = base::to_hex(base::sha256(bytes)).substr(0, kVersion);
      found = known.emplace(std::string(name), Prepared{version, base::gzip(bytes, kSmall)}).first;
    }
    return found->second;
  });
}

std::string type_of(std::string_view name) {
  return name.ends_with(".css")   ? "text/css; charset=utf-8"
         : name.ends_with(".js")  ? "text/javascript; charset=utf-8"
         : name.ends_with(".svg") ? "image/svg+xml"
         : name.ends_with(".txt") ? "text/plain; charset=utf-8"
                                  : "text/html; charset=utf-8";
}

/// "gzip;q=0" would be a refusal, which no browser sends.
bool takes_gzip(const HttpRequest& request) {
  const auto accepted = request.headers.get("Accept-Encoding").value_or("");
  return accepted.find("gzip") != std::string::npos && accepted.find("gzip;q=0") == std::string::npos;
}

}  // namespace

HttpResponse asset_response(const HttpRequest& request, std::string_view name) {
  const auto bytes = embedded_asset(name);
  if (!bytes || name.ends_with(".html")) {
    return HttpResponse::error(404, texts::kNotFound);
  }
  const auto& file = prepared(name, *bytes);
  const bool compress = takes_gzip(request) && file.compressed.size() < bytes->size();
  const auto tag = '"' + file.version + (compress ? "-gzip" : "") + '"';
  HttpResponse response;
  response.content_type = type_of(name);
  response.headers.add("ETag", tag);
  response.headers.add("Vary", "Accept-Encoding");
  response.headers.add("Cache-Control", request.query.get("v") == file.version
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  if (request.headers.get("If-None-Match").value_or("").find(tag) != std::string::npos) {
    response.status = 304;
    return response;
  }
  if (compress) {
    response.headers.add("Content-Encoding", "gzip");
  }
  response.body = compress ? file.compressed : std::string(*bytes);
  return response;
}

std::string page_html(std::string_view name) {
  std::string page;
  auto rest = embedded_asset(name).value_or("");
  for (auto at = rest.find(kAssets); at != std::string_view::npos; at = rest.find(kAssets)) {
    const auto begin = at + kAssets.size();
    const auto asset = rest.substr(begin, rest.find('"', begin) - begin);
    page += rest.substr(0, begin + asset.size());
    if (const auto bytes = embedded_asset(asset)) {
      page += "?v=" + prepared(asset, *bytes).version;
    }
    rest.remove_prefix(begin + asset.size());
  }
  return page.append(rest);
}

}  // namespace bot::web
