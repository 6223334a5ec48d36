#include "bot/web/chat_uploads.h"

#include <array>
#include <charconv>
#include <fstream>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "base/private_folder.h"
#include "base/utf8.h"
#include "bot/texts/files.h"
#include "bot/texts/page.h"
#include "dispatch/project/files.h"
#include "store/attachments.h"
#include "store/page_files.h"

namespace bot::web {
namespace {

using base::HttpResponse;
namespace fs = std::filesystem;

/// A message takes its files along for a day; what was never sent is no use to anybody either.
constexpr std::chrono::hours kKept{48};
constexpr std::int64_t kFilesOfPerson = 200;
constexpr std::int64_t kLargestOfPerson = 10;  ///< bytes: so many of the largest
constexpr std::uintmax_t kKeepFree = 256ULL << 20;
constexpr std::size_t kMostOfMessage = 20;
constexpr std::size_t kLongestType = 100;

fs::path folder_of(const runtime::Services& services) {
  return services.settings.database.parent_path() / "page-files";
}

/// Never a path: an id is what random_hex() made.
bool is_id(const std::string& id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string media_type(const std::string& type) {
  const bool plain = type.size() <= kLongestType &&
                     type.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789/.+-") == std::string::npos;
  return plain ? type : "";
}

HttpResponse taken(const std::string& id, std::int64_t size) {
  return HttpResponse::json(base::dump_json({{"file", id}, {"size", size}}));
}

}  // namespace

HttpResponse ChatUploads::post(const base::HttpRequest& request) {
  if (services_.settings.dispatch.max_attachment_bytes == 0) {
    return HttpResponse::error(403, texts::kNoFilesTaken);
  }
  const auto id = request.query.get("file");
  return id ? add(request, *id) : begin(request);
}

void ChatUploads::drop_old() {
  for (const auto& id : store::PageFiles(db_).take_older_than(services_.clock.now() - kKept)) {
    std::error_code ignored;  // one that stays is no harm but its bytes
    fs::remove(folder_of(services_) / id, ignored);
  }
}

HttpResponse ChatUploads::begin(const base::HttpRequest& request) {
  drop_old();
  const auto most = static_cast<std::int64_t>(services_.settings.dispatch.max_attachment_bytes);
  const auto size = static_cast<std::int64_t>(request.body.size());
  store::PageFiles files(db_);
  if (size > most) {
    return HttpResponse::error(413, texts::file_too_large_to_take(static_cast<std::uint64_t>(most)));
  }
  const auto kept = files.kept_of(user_);
  if (kept.files >= kFilesOfPerson || kept.bytes + size > kLargestOfPerson * most) {
    return HttpResponse::error(429, texts::kTooManyFilesKept);
  }
  base::make_private_folders(folder_of(services_));
  std::error_code unknown;
  if (const auto space = fs::space(folder_of(services_), unknown); !unknown && space.available < kKeepFree) {
    return HttpResponse::error(507, texts::kNoRoomForFile);
  }
  const store::PageFile file{base::random_hex(16), user_,
                             dispatch::safe_file_name(request.query.get("name").value_or("")),
                             media_type(request.query.get("type").value_or("")), size};
  std::ofstream out(folder_of(services_) / file.id, std::ios::binary);
  out << request.body;
  out.close();
  if (!out) {
    return HttpResponse::error(507, texts::kNoRoomForFile);
  }
  files.add(file, services_.clock.now());
  return taken(file.id, size);
}

HttpResponse ChatUploads::add(const base::HttpRequest& request, const std::string& id) {
  store::PageFiles files(db_);
  const auto file = is_id(id) ? files.find(id) : std::nullopt;
  if (!file || file->user != user_) {
    return HttpResponse::error(404, texts::kFileGone);
  }
  std::int64_t at = -1;
  const auto text = request.query.get("at").value_or("");
  std::from_chars(text.data(), text.data() + text.size(), at);
  const auto size = static_cast<std::int64_t>(request.body.size());
  if (at + size == file->size) {
    return taken(id, file->size);  // its answer was lost
  }
  if (at != file->size) {
    return HttpResponse::error(409, texts::kPieceOutOfPlace);
  }
  const auto most = static_cast<std::int64_t>(services_.settings.dispatch.max_attachment_bytes);
  if (at + size > most) {
    return HttpResponse::error(413, texts::file_too_large_to_take(static_cast<std::uint64_t>(most)));
  }
  if (files.kept_of(user_).bytes + size > kLargestOfPerson * most) {
    return HttpResponse::error(429, texts::kTooManyFilesKept);
  }
  // In place: after a crash the bytes may be there although the row does not count them.
  std::fstream out(folder_of(services_) / id, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(at);
  out << request.body;
  out.close();
  if (!out) {
    return HttpResponse::error(507, texts::kNoRoomForFile);
  }
  files.set_size(id, at + size);
  return taken(id, at + size);
}

HttpResponse ChatUploads::remove(const std::string& id) {
  store::PageFiles files(db_);
  const auto file = is_id(id) ? files.find(id) : std::nullopt;
  if (!file || file->user != user_) {
    return HttpResponse::error(404, texts::kFileGone);
  }
  if (!store::Attachments(db_).any_has(id)) {  // else a message needs it
    files.forget(id);
    std::error_code ignored;
    fs::remove(folder_of(services_) / id, ignored);
  }
  HttpResponse response;
  response.status = 204;
  return response;
}

std::vector<chat::Attachment> ChatUploads::attachments(const nlohmann::json& ids) {
  std::vector<chat::Attachment> list;
  if (!ids.is_array() || ids.size() > kMostOfMessage) {
    throw base::PermanentError(texts::kFileGone);
  }
  for (const auto& id : ids) {
    const auto file = id.is_string() && is_id(id.get<std::string>())
                          ? store::PageFiles(db_).find(id.get<std::string>())
                          : std::nullopt;
    if (!file || file->user != user_) {
      throw base::PermanentError(texts::kFileGone);
    }
    list.push_back({file->id, file->name, file->media_type, file->size});
  }
  return list;
}

void ChatUploads::read(const runtime::Services& services, const std::string& id, std::uint64_t max_bytes,
                       const std::function<void(std::string_view)>& sink) {
  std::ifstream in(is_id(id) ? folder_of(services) / id : fs::path(), std::ios::binary);
  if (!in) {
    throw base::PermanentError(texts::kSentFileGone);
  }
  std::array<char, 65536> buffer{};
  std::uint64_t read = 0;
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    read += static_cast<std::uint64_t>(in.gcount());
    if (read > max_bytes) {
      throw base::PermanentError(texts::larger_than(max_bytes));
    }
    sink(std::string_view(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
}

}  // namespace bot::web
