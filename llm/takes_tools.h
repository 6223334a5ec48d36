#pragma once

namespace llm {

/// A model behind a server that may have no tools.
class TakesTools {
 public:
  virtual ~TakesTools() = default;

  /// False once the server has refused tools and answered without them; they stand in the prompt then.
  /// Thread rule: any thread.
  virtual bool takes_tools() const = 0;
};

}  // namespace llm
