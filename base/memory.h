#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace base {

/// How many bytes of memory new programs can take without hurting others: what the kernel says is available
/// (proc(5), MemAvailable), or what the control group of this process has left, whichever is less. Nothing
/// where neither can be read. `root` stands in for "/" in tests.
std::optional<std::uint64_t> available_memory(const std::filesystem::path& root = "/");

}  // namespace base
