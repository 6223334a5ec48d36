#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/section.h"
#include "dispatch/task/specialist.h"
#include "dispatch/task/specialist_defaults.h"

namespace dispatch {

/// The names of the specialists: "claude-code", and one for each [specialist.<name>]; `sections` is
/// [specialist]. Throws base::ConfigError for a name that cannot be one.
std::vector<std::string> specialist_names(const config::Section& sections);

/// The one of that name, which is one of specialist_names(). Its section says of which `type` it is:
/// "claude-code" (the default for that name) or "command". Throws base::ConfigError.
std::unique_ptr<Specialist> make_specialist(const std::string& name, config::Section sections,
                                            const SpecialistDefaults& defaults);

/// All specialists of an installation. Thread rule: it does not change; see Specialist.
class Specialists {
 public:
  /// `usual`: the name of the one that works where none is named.
  Specialists(const config::Section& sections, const std::string& usual, const SpecialistDefaults& defaults);
  /// For one alone.
  explicit Specialists(std::unique_ptr<Specialist> only);

  Specialist& usual() const { return *all_.front(); }
  /// Null where there is none of that name.
  Specialist* find(const std::string& name) const;
  /// The usual one first.
  const std::vector<std::unique_ptr<Specialist>>& all() const { return all_; }

 private:
  std::vector<std::unique_ptr<Specialist>> all_;
};

}  // namespace dispatch
