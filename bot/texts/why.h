#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bot::texts {

/// A word of a message, and how it moved the probability: above 0 towards the specialist.
struct WordOfWhy {
  std::string word;
  double weight = 0;
};

/// A note that the secretary's model was shown.
struct NoteOfWhy {
  std::int64_t number = 0;
  std::string text;  ///< empty: it was deleted since
};

/// A call of a tool that the secretary made or prepared.
struct CallOfWhy {
  std::string tool, server;
  std::string state;  ///< store::ToolCallState, as the database spells it
};

/// p with two digits. They are never those of 0 and 1, which p is not.
std::string probability(double p);

/// How a decision came about, for the answer to /why.
struct Why {
  std::optional<double> p;  ///< nothing: it was not computed
  double ask_at = 0;
  std::string ask_from;  ///< "default", "chat" and so on; empty: not known
  double dispatch_at = 0;
  std::string dispatch_from;
  std::string moved;        ///< why they are not those of the settings; empty: they are
  std::string action;       ///< "answer", "ask", "dispatch"
  std::string rule;         ///< empty: by p and the thresholds
  bool shadow = false;      ///< the secretary's confidence alone decided
  bool is_ordered = false;  ///< by whoever wrote or clicked, so that p did not count
  /// What the secretary's model made of it.
  enum class Secretary { unknown, not_asked, proposed_nothing, proposed };
  Secretary secretary = Secretary::unknown;
  bool was_answered = true;
  std::string confidence;  ///< of what it proposed
  std::vector<WordOfWhy> words;
  std::string calibration;  ///< version; empty: not known
  int pictures = 0;         ///< that came along and the secretary's model saw
  bool tool_told = false;   ///< words of others came with what a tool returned
  std::vector<NoteOfWhy> notes;
  std::vector<CallOfWhy> calls;
};

/// In the person's terms first, the figures behind.
std::string why(const Why& why);

inline constexpr const char* kNothingDecided = "Nothing has been decided in this chat yet.";

}  // namespace bot::texts
