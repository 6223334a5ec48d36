#pragma once

namespace support {

/// How many test cases this process has begun.
int cases_run();

}  // namespace support
