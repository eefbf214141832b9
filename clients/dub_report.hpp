#pragma once

#include "clients/media_worker.hpp"
#include "core/timeline.hpp"
#include "core/work.hpp"

#include <nlohmann/json.hpp>

/// The report of a dub (docs/media.md): JSON, and a page made from it.
namespace dubber {

/// What became of every segment, of the picture and of the sound.
/// @param order Of a merge.
nlohmann::json segment_report(const work_order& order, const timeline& line,
                              const media_file& video);

/// Adds where the time went and what was tried again.
void add_facts(nlohmann::json& report, const std::vector<stage_fact>& facts);

/// As it is stored: UTF-8, whatever the transcripts held.
std::string report_text(const nlohmann::json& report);

/// The report as a page of its own: no scripts, nothing from elsewhere, every
/// text escaped. Fields that are not there are left out.
std::string report_page(const nlohmann::json& report);

} // namespace dubber
