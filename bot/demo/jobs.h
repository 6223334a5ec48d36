#pragma once

#include <string>
#include <string_view>

#include "bot/demo/scripts.h"

namespace bot::demo {

/// A piece of work that the specialist's script knows. The secretary finds it in what the person wrote, and
/// the specialist in the prompt that prompt_for() made of it (or in a person's own words).
struct Job {
  enum class Kind {
    none,
    build_task_api,
    extend_task_api,  ///< `features` are to be added
    build_countdown,
    restyle_countdown,
    write_comparison,  ///< of SQLite and PostgreSQL
    keep_notes,        ///< a README under version control, by a command that a person has to allow
    review,
    proceed  ///< continue what was interrupted
  };
  Kind kind = Kind::none;
  TaskApiFeatures features;
  Theme theme = Theme::dawn;

  bool operator==(const Job&) const = default;
};

/// The work that the text asks for.
Job job_in(std::string_view text);

/// The folder name of the project that the job begins or continues; "" where there is none.
std::string_view slug_of(Job::Kind kind);

/// A task for the specialist in full sentences; job_in() finds the same job in it.
std::string prompt_for(const Job& job);

}  // namespace bot::demo
