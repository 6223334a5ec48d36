#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "base/picture/picture.h"
#include "base/process/sandbox.h"

namespace base {

/// The hidden first argument under which the program becomes such a child.
inline constexpr std::string_view kPictureCommand = "shrink-picture";

/// What shrunk_picture() does, in a child with little memory and time, which sees no file of the user's and
/// no network where `sandbox` is active: whatever a file makes a decoder do, it happens there. Takes some 50
/// ms. Throws PictureProblem (also where the child died of the file), base::TransientError where no child
/// could be started, base::Stopped. Thread rule: any thread; one child at a time, others wait.
Picture shrink_in_child(std::string_view bytes, const Sandbox& sandbox, std::stop_token stop);

/// The child: reads a file from its standard input and writes one line. Returns the exit status.
int picture_main();

}  // namespace base
