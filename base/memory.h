#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace base {

/// How many bytes of memory new programs can take without hurting others: what the kernel says is available
/// (proc(5), MemAvailable), or what the control group of this process has left, whichever is less. Nothing
/// where neither can be read. `root` stands in for "/" in tests.
std::optional<std::uint64_t> available_memory(const std::filesystem::path& root = "/");

/// Gives the kernel back what this process has freed and its allocator keeps. Takes a millisecond or so.
void give_back_freed_memory();

/// How often a process of this one's control group was killed for want of memory, and which group that is, in
/// a text to be kept for rose(). Nothing where the kernel does not say it. `root` as above.
std::optional<std::string> memory_kills(const std::filesystem::path& root = "/");
/// Whether there were more of them at `later` than at `before`, in the same group; both from memory_kills().
bool rose(const std::string& before, const std::string& later);

}  // namespace base
