#include "core/pipeline_pointers.hpp"

#include <algorithm>

namespace dubber {

namespace {

using names = std::vector<std::string>;

/// What a result of such work has, as docs/pipelines.md promises.
names fields_of(const stage_spec& spec) {
  switch (spec.kind) {
  case work_kind::extract:
  case work_kind::speak:
    return {"audio", "seconds"};
  case work_kind::transcribe:
    return {"segments"};
  case work_kind::translate:
    return {"text"};
  case work_kind::merge:
    return {"video", "srt", "vtt", "report", "seconds"};
  case work_kind::upload:
    return {"output_object_key", "files"};
  case work_kind::http:
    if (spec.http->answer == answer_kind::file)
      return {"file"};
    if (spec.http->answer == answer_kind::json)
      return spec.http->text.empty() ? names{"answer"}
                                     : names{"answer", "text"};
    return {};
  default:
    return {};
  }
}

/// Those of them that are stored files.
bool is_file(work_kind kind, const std::string& field) {
  switch (kind) {
  case work_kind::extract:
  case work_kind::speak:
    return field == "audio";
  case work_kind::merge:
    return field != "seconds";
  case work_kind::http:
    return field == "file";
  default:
    return false;
  }
}

bool has(const names& all, const std::string& name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

std::string list(const names& all) {
  std::string out;
  for (auto& name : all)
    out += (out.empty() ? "" : ", ") + name;
  return out;
}

const names job_fields{"id",    "source_object_key", "source_language",
                       "voice", "target_language",   "options"};
const names segment_fields{"start", "end", "text"};

struct pointer_checker {
  const pipeline& plan;
  const stage_spec& spec;
  const std::set<std::string>& before;

  /// What is wrong; empty: nothing.
  std::string field(const names& parts, const names& fields,
                    const char* what) const {
    if (parts.size() < 2 || has(fields, parts[1]))
      return {};
    return std::string{what} + " has no " + parts[1] + ", but " + list(fields);
  }

  /// Parts after `/stages`: the stage's name first.
  std::string stage(const names& parts) const {
    if (parts.size() < 2)
      return "a stage must be named";
    auto& name = parts[1];
    if (before.count(name) == 0)
      return "stage " + name + " does not come before this one";
    auto& from = plan.stages[static_cast<std::size_t>(plan.find(name))];
    auto fields = fields_of(from);
    if (fields.empty())
      return "stage " + name + " has no result";
    std::size_t i = 2;
    // Of all segments: a list, one for each.
    if (from.each == fan_out::segments && spec.each != fan_out::segments)
      ++i;
    if (parts.size() > i && !has(fields, parts[i]))
      return "stage " + name + " has no " + parts[i] + ", but " + list(fields);
    return {};
  }

  std::string check(const std::string& pointer) const {
    auto parts = pointer_parts(pointer);
    if (!parts || parts->empty())
      return "it is no JSON Pointer such as /job/id";
    auto& root = parts->front();
    if (root == "job")
      return field(*parts, job_fields, "the job");
    if (root == "segment")
      return spec.each == fan_out::segments
               ? field(*parts, segment_fields, "a segment")
               : "there is a segment in stages by segments only";
    if (root == "stages")
      return stage(*parts);
    return "it must begin with /job, /segment or /stages";
  }

  std::string check_file(const std::string& pointer) const {
    auto parts = pointer_parts(pointer);
    if (pointer == source_pointer)
      return {};
    if (parts && parts->size() == 3 && parts->front() == "stages") {
      auto i = plan.find((*parts)[1]);
      if (i >= 0) {
        auto& from = plan.stages[static_cast<std::size_t>(i)];
        if ((from.each != fan_out::segments || spec.each == fan_out::segments)
            && is_file(from.kind, (*parts)[2]))
          return {};
      }
    }
    return "it must point at one stored file, such as /stages/extract/audio";
  }
};

} // namespace

std::vector<std::string> pointer_mistakes(const pipeline& plan,
                                          const stage_spec& spec,
                                          const std::set<std::string>& before) {
  pointer_checker check{plan, spec, before};
  std::vector<std::string> out;
  auto say = [&](const std::string& pointer, const std::string& why) {
    if (!why.empty())
      out.push_back(".request: " + pointer + ": " + why);
  };
  for (auto& pointer : pointers_of(*spec.http))
    say(pointer, check.check(pointer));
  if (spec.http->upload && out.empty())
    say(spec.http->upload->pointer,
        check.check_file(spec.http->upload->pointer));
  return out;
}

} // namespace dubber
