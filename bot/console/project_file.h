#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/http.h"

namespace bot::console {

/// Of one file: a response is in memory until it is taken.
inline constexpr std::uint64_t kMostFileBytes = 10ULL << 20;

/// Whatever a file says of itself, it gets no script, no form and no origin of ours.
inline constexpr const char* kFileSandbox =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// What a specialist made, for a browser: text as plain text with secrets blacked out, pictures as such, all
/// else, and whatever a browser would run, as a download. 404 with a sentence where it cannot be given.
base::HttpResponse project_file(const std::filesystem::path& folder, const std::string& path, bool download);

/// UTF-8 without a null.
bool is_text(const std::string& content);

/// "attachment; filename*=UTF-8''a%20b.txt" (RFC 6266).
std::string attachment_header(std::string_view file_name);

}  // namespace bot::console
