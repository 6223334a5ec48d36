#include "tests/support/files.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace support {

std::string read_text(const std::filesystem::path& path) {
  // A file of /proc can fail while it is read, since its process may end. The stream operator stops at what
  // the buffer throws then; an iterator over the buffer would pass it on.
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) {
    throw std::runtime_error(path.string() + " cannot be written");
  }
}

}  // namespace support
