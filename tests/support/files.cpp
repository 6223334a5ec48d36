#include "tests/support/files.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace support {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) {
    throw std::runtime_error(path.string() + " cannot be written");
  }
}

}  // namespace support
