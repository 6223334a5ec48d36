#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace base {

/// Why a picture cannot be looked at: half a sentence that people read, such as "it is larger than ...".
class PictureProblem : public std::runtime_error {
 public:
  enum class Kind { unknown_format, too_large, broken };
  PictureProblem(Kind why, const std::string& what) : std::runtime_error(what), kind(why) {}
  Kind kind;
};

/// A picture as a model takes it.
struct Picture {
  int width = 0;
  int height = 0;
  std::string jpeg;  ///< without metadata: no place, no time, no camera
};

/// Models look at no more than this, and shrink what is longer themselves.
inline constexpr int kLongestSide = 1'568;

/// Whether the bytes begin like a picture that shrunk_picture() reads.
bool begins_like_picture(std::string_view bytes);

/// A PNG, JPEG, WebP or GIF file as an upright JPEG with its longer side at most kLongestSide. What the
/// header says is checked before anything is decoded, but the decoders are large programs in C: for what
/// strangers send, use shrink_in_child(). Throws PictureProblem. Thread rule: any thread.
Picture shrunk_picture(std::string_view bytes);

}  // namespace base
