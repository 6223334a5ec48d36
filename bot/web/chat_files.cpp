#include "bot/web/chat_files.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/reporting/log_steps.h"
#include "bot/texts/page.h"
#include "bot/web/page_address.h"
#include "bot/web/zip_archive.h"
#include "dispatch/project/files.h"
#include "store/conversations.h"
#include "store/projects.h"

namespace bot::web {
namespace {

using base::HttpResponse;

/// Of one file, and of an archive: a response is in memory until it is taken.
constexpr std::uint64_t kMostBytes = 10ULL << 20;
constexpr std::size_t kMostFiles = 1'000;

/// Whatever a file says of itself, it gets no script, no form and no origin of ours.
constexpr const char* kSandbox = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

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

bool is_text(const std::string& content) {
  return base::is_utf8(content) && content.find('\0') == std::string::npos;
}

HttpResponse not_found() {
  return HttpResponse::error(404, texts::kNotFound);
}

}  // namespace

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

std::optional<store::DispatchRecord> ChatFiles::dispatch(std::string_view name) {
  std::int64_t id = 0;
  if (!name.starts_with("d-") ||
      std::from_chars(name.data() + 2, name.data() + name.size(), id).ptr != name.data() + name.size()) {
    return std::nullopt;
  }
  try {
    auto record = store::DispatchLog(db_).dispatch({id});
    const auto conversation = store::Conversations(db_).get(record.conversation);
    if (conversation.section == section_ && user_of_chat(conversation.chat_id) == user_) {
      return record;
    }
  } catch (const base::PermanentError&) {
    return std::nullopt;  // there is none
  }
  return std::nullopt;
}

std::filesystem::path ChatFiles::folder_of(const store::DispatchRecord& dispatch) {
  return services_.settings.dispatch.projects_dir / store::Projects(db_).get(dispatch.project).slug;
}

HttpResponse ChatFiles::get(std::string_view what, bool download) {
  const auto slash = what.find('/');
  const auto name = what.substr(0, slash);
  const bool zip = slash == std::string_view::npos && name.ends_with(".zip");
  const auto record = dispatch(zip ? name.substr(0, name.size() - 4) : name);
  if (!record || (!zip && slash == std::string_view::npos)) {
    return not_found();
  }
  return zip ? archive(*record) : file(*record, std::string(what.substr(slash + 1)), download);
}

HttpResponse ChatFiles::diff(std::string_view what) {
  const auto slash = what.find('/');
  const auto record = slash == std::string_view::npos ? std::nullopt : dispatch(what.substr(0, slash));
  if (!record) {
    return not_found();
  }
  HttpResponse response;
  for (const auto& step :
       reporting::specialist_steps(folder_of(*record), store::DispatchLog(db_).legs(record->id), {})) {
    if (step.path == what.substr(slash + 1) && !step.diff.empty() && step.ok != std::optional(false)) {
      response.body += (response.body.empty() ? "" : "\n") + step.diff;
    }
  }
  if (response.body.empty()) {
    return HttpResponse::error(404, texts::kNoChangesRecorded);
  }
  response.body = base::redacted(response.body);
  response.content_type = "text/plain; charset=utf-8";
  response.headers.add("Content-Security-Policy", kSandbox);
  return response;
}

HttpResponse ChatFiles::file(const store::DispatchRecord& dispatch, const std::string& path, bool download) {
  HttpResponse response;
  try {
    response.body = dispatch::read_project_file(folder_of(dispatch), path, kMostBytes);
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
  response.headers.add("Content-Security-Policy", kSandbox);
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

HttpResponse ChatFiles::archive(const store::DispatchRecord& dispatch) {
  const auto facts = base::parse_json(dispatch.facts).value_or(nlohmann::json::object());
  const auto folder = folder_of(dispatch);
  ZipArchive zip;
  std::size_t files = 0;
  for (const auto& file : base::json_list(facts, "files")) {
    const auto path = base::json_text(file, "path");
    if (base::json_text(file, "change") == "deleted" || !dispatch::is_shown_path(path)) {
      continue;
    }
    std::string content;
    try {
      content = dispatch::read_project_file(folder, path, kMostBytes);
    } catch (const base::PermanentError&) {
      continue;  // gone since, or a link
    }
    if (++files > kMostFiles || zip.size() + content.size() > kMostBytes) {
      return HttpResponse::error(413, texts::kArchiveTooLarge);
    }
    zip.add(path, is_text(content) ? base::redacted(content) : content);
  }
  if (files == 0) {
    return HttpResponse::error(404, texts::kNoFilesMade);
  }
  HttpResponse response;
  response.body = zip.finish();
  response.content_type = "application/zip";
  response.headers.add("Content-Disposition", attachment_header(folder.filename().string() + ".zip"));
  response.headers.add("Content-Security-Policy", kSandbox);
  return response;
}

}  // namespace bot::web
