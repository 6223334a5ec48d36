#include "bot/console/project_file.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/error.h"
#include "base/log.h"
#include "base/utf8.h"
#include "dispatch/project/files.h"

namespace bot::console {
namespace {

using base::HttpResponse;

struct Type {
  std::string_view extension;
  const char* type;
};
/// Pictures that cannot hold a script.
constexpr std::array<Type, 6> kPictures = {{{"png", "image/png"},
                                            {"jpg", "image/jpeg"},
                                            {"jpeg", "image/jpeg"},
                                            {"gif", "image/gif"},
                                            {"webp", "image/webp"},
                                            {"bmp", "image/bmp"}}};
/// What a browser would run or render: only as a download.
constexpr std::array<std::string_view, 8> kActive = {"html", "htm", "xhtml", "svg",
                                                     "xml",  "xsl", "mht",   "shtml"};

std::string extension_of(std::string_view path) {
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? "" : base::ascii_lower(path.substr(dot + 1));
}

}  // namespace

bool is_text(const std::string& content) {
  return base::is_utf8(content) && content.find('\0') == std::string::npos;
}

std::string attachment_header(std::string_view file_name) {
  std::string out = "attachment; filename*=UTF-8''";
  for (const char c : file_name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

HttpResponse project_file(const std::filesystem::path& folder, const std::string& path, bool download) {
  HttpResponse response;
  try {
    response.body = ::dispatch::read_project_file(folder, path, kMostFileBytes);
  } catch (const base::PermanentError& e) {
    return HttpResponse::error(404, e.what());
  }
  const auto extension = extension_of(path);
  const auto* const picture = std::find_if(kPictures.begin(), kPictures.end(),
                                           [&](const Type& t) { return t.extension == extension; });
  const bool active = std::find(kActive.begin(), kActive.end(), extension) != kActive.end();
  const bool text = is_text(response.body);
  if (text) {
    response.body = base::redacted(response.body);
  }
  response.content_type = text                         ? "text/plain; charset=utf-8"
                          : picture != kPictures.end() ? picture->type
                                                       : "application/octet-stream";
  if (download || active || (!text && picture == kPictures.end())) {
    response.headers.add("Content-Disposition", attachment_header(path.substr(path.rfind('/') + 1)));
  }
  response.headers.add("Content-Security-Policy", kFileSandbox);
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

}  // namespace bot::console
