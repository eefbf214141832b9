#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace dubber::test {

/// A folder of one's own that disappears at the end.
class scratch {
public:
  scratch() {
    auto text
      = (std::filesystem::temp_directory_path() / "dubber-XXXXXX").string();
    if (::mkdtemp(text.data()) == nullptr)
      throw std::runtime_error("no scratch folder");
    path_ = text;
  }

  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  ~scratch() {
    std::error_code ignored; // what is left is the system's to sweep
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path file(const std::string& name) const {
    return path_ / name;
  }

  std::filesystem::path write(const std::string& name,
                              const std::string& text) const {
    std::ofstream{file(name), std::ios::binary} << text;
    return file(name);
  }

  std::string read(const std::string& name) const {
    std::ifstream in{file(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

private:
  std::filesystem::path path_;
};

} // namespace dubber::test
