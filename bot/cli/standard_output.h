#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace bot::cli {

/// Takes std::cout over while it lives, to know at the end whether all of it could be written, and why not.
/// One in the program; thread rule: that of std::cout.
class StandardOutput final : public std::streambuf {
 public:
  StandardOutput();
  ~StandardOutput() override;
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

  /// Writes what is left. `status` of the command, or 1 with a sentence to `err` where not all was written.
  /// A reader that has had enough, as of `| head`, is none of that.
  int finish(int status, const std::string& program, std::ostream& err);

 private:
  int overflow(int c) override;
  int sync() override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  bool write(std::string_view text);

  const bool is_terminal_;
  std::streambuf* const before_;
  std::vector<char> buffer_;
  int error_ = 0;  ///< an errno: what kept it from writing first
};

}  // namespace bot::cli
