#include "bot/cli/standard_output.h"

#include <cerrno>
#include <iostream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace bot::cli {
namespace {

constexpr std::size_t kBuffer = 64 * 1024UL;

/// Where it is closed, what is opened next would become it and get what is printed. What cannot be written
/// keeps the place.
bool keep_place_and_see_whether_terminal() {
  if (::fcntl(STDOUT_FILENO, F_GETFD) == -1 && errno == EBADF) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing >= 0 && nothing != STDOUT_FILENO) {
      ::dup2(nothing, STDOUT_FILENO);
      ::close(nothing);
    }
  }
  return ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace

StandardOutput::StandardOutput()
    : is_terminal_(keep_place_and_see_whether_terminal()), before_(std::cout.rdbuf()), buffer_(kBuffer) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  std::cout.rdbuf(this);
}

StandardOutput::~StandardOutput() {
  std::cout.rdbuf(before_);
}

bool StandardOutput::write(std::string_view text) {
  while (error_ == 0 && !text.empty()) {
    const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  return error_ == 0;
}

int StandardOutput::sync() {
  const std::string_view waiting(pbase(), static_cast<std::size_t>(pptr() - pbase()));
  const bool written = write(waiting);
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return written ? 0 : -1;
}

int StandardOutput::overflow(int c) {
  if (sync() != 0) {
    return traits_type::eof();
  }
  if (c != traits_type::eof()) {
    sputc(traits_type::to_char_type(c));
  }
  return traits_type::not_eof(c);
}

std::streamsize StandardOutput::xsputn(const char* text, std::streamsize size) {
  const auto put = std::streambuf::xsputn(text, size);
  // A person reads along.
  const bool ends_line = std::string_view(text, static_cast<std::size_t>(size)).ends_with('\n');
  return is_terminal_ && ends_line && sync() != 0 ? 0 : put;
}

int StandardOutput::finish(int status, const std::string& program, std::ostream& err) {
  sync();
  if (error_ == 0 || error_ == EPIPE) {
    return status;
  }
  err << program << ": standard output could not be written: " << std::generic_category().message(error_)
      << "\n";
  return status == 0 ? 1 : status;
}

}  // namespace bot::cli
