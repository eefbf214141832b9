#pragma once

#include "core/pipeline.hpp"

#include <set>
#include <string>
#include <vector>

namespace dubber {

/// What is wrong with the pointers of an `http` stage; each begins with the
/// field, such as `.request`.
/// @param before The stages that are done before it.
std::vector<std::string> pointer_mistakes(const pipeline& plan,
                                          const stage_spec& spec,
                                          const std::set<std::string>& before);

} // namespace dubber
