#include "bot/web/chat_files.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/console/project_file.h"
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

/// Of an archive: a response is in memory until it is taken.
constexpr std::uint64_t kMostBytes = console::kMostFileBytes;
constexpr std::size_t kMostFiles = 1'000;

HttpResponse not_found() {
  return HttpResponse::error(404, texts::kNotFound);
}

}  // namespace

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
  return zip ? archive(*record)
             : console::project_file(folder_of(*record), std::string(what.substr(slash + 1)), download);
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
  response.headers.add("Content-Security-Policy", console::kFileSandbox);
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
    zip.add(path, console::is_text(content) ? base::redacted(content) : content);
  }
  if (files == 0) {
    return HttpResponse::error(404, texts::kNoFilesMade);
  }
  HttpResponse response;
  response.body = zip.finish();
  response.content_type = "application/zip";
  response.headers.add("Content-Disposition",
                       console::attachment_header(folder.filename().string() + ".zip"));
  response.headers.add("Content-Security-Policy", console::kFileSandbox);
  return response;
}

}  // namespace bot::web
