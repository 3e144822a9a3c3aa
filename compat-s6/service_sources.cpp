#include "compat-s6/service_sources.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "core/definition/directory_codec.h"
#include "core/definition/text_lines.h"

namespace kindred::s6 {
namespace {

using definition::File;
using definition::Relation;

constexpr std::string_view kInterpreter = "#!/bin/execlineb -P\n";

using Names = std::vector<std::string>;

/// The names in a file, one a line, and those of the files in NAME.d.
Names take_names(FileSet& files, const std::string& name) {
  Names names;
  if (const auto file = files.take(name); file && file->kind == File::Kind::Regular) {
    for_each_line(file->bytes, [&](std::string_view line, unsigned) { names.emplace_back(line); });
  }
  for (const File& file : files.take_below(name + ".d")) names.push_back(file.path);
  static_cast<void>(files.take(name + ".d"));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// A directory of the source, with what is s6-rc's own taken out of its files.
struct Source {
  explicit Source(const DirectoryContent& from) : content(&from), files(from.files) {
    if (const auto line = take_line(files, "type")) type = without_blanks_around(*line);
    dependencies = take_names(files, "dependencies");
    contents = take_names(files, "contents");
    producer_for = take_names(files, "producer-for");
    consumer_for = take_names(files, "consumer-for");
    if (const auto line = take_line(files, "pipeline-name")) pipeline = without_blanks_around(*line);
    lose("flag-essential", "no other family refuses to stop a service", "");
    lose("flag-recommended", "no other family tells such services from the rest", "");
    for (const char* const limit : {"timeout-up", "timeout-down"})
      lose(limit, "nobody stops waiting for its start or its stop",
           "wait with a limit where it is commanded");
  }
  void lose(const char* file, const char* why, const char* advice) {
    const auto taken = files.take(file);
    if (!taken) return;
    const std::string value(
        without_blanks_around(std::string_view(taken->bytes).substr(0, taken->bytes.find('\n'))));
    losses.push_back({file, value.empty() ? 0U : 1U, file + (value.empty() ? "" : " " + value), why, advice});
  }

  const DirectoryContent* content;
  FileSet files;
  std::string type, pipeline;
  Names dependencies, contents, producer_for, consumer_for;
  std::vector<Loss> losses;
};

class Reader {
 public:
  Reader(std::span<const DirectoryContent> services, const DefinitionCodec& directory)
      : directory_(directory) {
    for (const DirectoryContent& service : services) sources_.emplace(service.name, Source(service));
  }

  std::vector<ReadDefinition> read() {
    for (auto& [name, source] : sources_) find_log(name, source);
    for (auto& [name, source] : sources_) complain_of_writers(name, source);
    std::vector<ReadDefinition> all;
    for (auto& [name, source] : sources_) {
      if (source.type == "bundle" || is_log_of_.contains(name)) continue;
      ReadDefinition& read =
          all.emplace_back(source.type == "oneshot" ? oneshot(source) : longrun(name, source));
      read.definition.name = name;
      relate(name, source, read.definition);
      if (!read.definition.run)
        read.losses.push_back(
            {"", 0, source.type == "oneshot" ? "up" : "run", "there is nothing to run", ""});
    }
    if (all.empty()) all.push_back({{}, {{"", 0, "type", "there is neither a longrun nor a oneshot", ""}}});
    for (const auto& [name, source] : sources_)
      if (source.type == "bundle")
        for (const Loss& loss : source.losses) all.front().losses.push_back(loss);
    return all;
  }

 private:
  static void lose_pipe(Source& source, const char* file, const std::string& other, const char* why) {
    source.losses.push_back({file, 1, file + (" " + other), why, "join them by a FIFO"});
  }

  /// A pipeline of two is a service and its log; longer ones, and those of many writers, are none of any family's.
  void find_log(const std::string& name, Source& source) {
    const auto alone = [&](const std::string& other, const char* why) {
      lose_pipe(source, "producer-for", other, why);
    };
    for (const std::string& reader : source.producer_for) {
      const auto found = sources_.find(reader);
      if (found == sources_.end() || found->second.type != "longrun")
        alone(reader, "no such longrun is among what was read");
      else if (writers_of(found->second, reader).size() > 1)
        alone(reader, "a log has one service");
      else if (!found->second.producer_for.empty())
        alone(reader, "a log has no log of its own");
      else if (source.type != "longrun" || source.files.has("log"))
        alone(reader, "it cannot have it for its log");
      else if (reader != source.producer_for.front())
        alone(reader, "a service has one log");
      else
        is_log_of_.emplace(reader, name);
    }
  }
  void complain_of_writers(const std::string& name, Source& source) const {
    if (is_log_of_.contains(name)) return;
    for (const std::string& writer : source.consumer_for)
      lose_pipe(source, "consumer-for", writer, "its standard input is not what that service writes");
  }

  static bool has(const Names& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  /// Whoever of the two says it.
  [[nodiscard]] std::set<std::string> writers_of(const Source& reader, const std::string& name) const {
    std::set<std::string> writers(reader.consumer_for.begin(), reader.consumer_for.end());
    for (const auto& [other, source] : sources_)
      if (has(source.producer_for, name)) writers.insert(other);
    return writers;
  }

  [[nodiscard]] ReadDefinition read_files(const Source& source, FileSet files) const {
    DirectoryContent content{source.content->name, source.content->mode, std::move(files).rest()};
    ReadDefinition read = directory_.read(content);
    read.losses.insert(read.losses.begin(), source.losses.begin(), source.losses.end());
    return read;
  }

  [[nodiscard]] ReadDefinition longrun(const std::string& name, const Source& source) const {
    FileSet files = source.files;
    const Source* log = nullptr;
    if (const auto mine =
            source.producer_for.empty() ? is_log_of_.end() : is_log_of_.find(source.producer_for.front());
        mine != is_log_of_.end() && mine->second == name) {
      log = &sources_.at(mine->first);
      files.put({.path = "log", .kind = File::Kind::Directory, .mode = log->content->mode});
      for (File file : FileSet(log->files).rest()) {
        file.path.insert(0, "log/");
        files.put(std::move(file));
      }
    }
    ReadDefinition read = read_files(source, std::move(files));
    if (log != nullptr) {
      for (Loss loss : log->losses) {
        loss.file.insert(0, "log/");
        read.losses.push_back(std::move(loss));
      }
      for (ServiceDefinition& each : read.definition.log) relate(log->content->name, *log, each);
    }
    if (source.type != "longrun")
      read.losses.push_back(
          {"type", 1, "type " + source.type, "it is none of s6-rc's", "it is taken for longrun"});
    return read;
  }

  /// The words of a oneshot have no first line of their own.
  [[nodiscard]] std::optional<definition::Body> body_of(const Source& source, const char* file) const {
    const File* const words = source.files.find(file);
    if (words == nullptr || words->kind != File::Kind::Regular) return std::nullopt;
    FileSet files({File{.path = "run", .mode = 0755, .bytes = std::string(kInterpreter) + words->bytes}});
    std::optional<definition::Body> body = read_files(source, std::move(files)).definition.run;
    if (body) body->file = file;
    return body;
  }

  [[nodiscard]] ReadDefinition oneshot(const Source& source) const {
    FileSet rest = source.files;
    static_cast<void>(rest.take("up"));
    static_cast<void>(rest.take("down"));
    ReadDefinition read;
    read.losses = source.losses;
    read.definition.files = std::move(rest).rest();
    read.definition.run = body_of(source, "up");
    read.definition.stop = body_of(source, "down");
    read.definition.restart = definition::Restart::Never;
    read.definition.stays_up_empty = true;
    read.definition.readiness.how = definition::Readiness::How::Exited;
    return read;
  }

  /// The services that a name means: a bundle's, however deep, or itself; a log means its service.
  void collect(const std::string& name, std::set<std::string>& bundles,
               std::set<std::string>& services) const {
    const auto found = sources_.find(name);
    if (found != sources_.end() && found->second.type == "bundle") {
      if (!bundles.insert(name).second) return;
      for (const std::string& each : found->second.contents) collect(each, bundles, services);
    } else {
      const auto log = is_log_of_.find(name);
      services.insert(log == is_log_of_.end() ? name : log->second);
    }
  }
  [[nodiscard]] std::set<std::string> meant_by(const std::string& name) const {
    std::set<std::string> bundles, services;
    collect(name, bundles, services);
    return services;
  }

  void relate(const std::string& name, const Source& source, ServiceDefinition& definition) const {
    using Kind = Relation::Kind;
    const bool is_log = is_log_of_.contains(name);
    std::set<std::string> needed;
    for (const std::string& dependency : source.dependencies) needed.merge(meant_by(dependency));
    for (const std::string& each : needed) {
      if (each == (is_log ? is_log_of_.at(name) : name)) continue;
      definition.relations.push_back({Kind::Requires, each});
      definition.relations.push_back({Kind::After, each});
    }
    if (!needed.empty()) definition.origins.places.push_back({"relations", "dependencies", 0});
    if (!source.pipeline.empty()) definition.relations.push_back({Kind::WantedBy, source.pipeline});
    // A log is wanted by whatever wants its service.
    for (const auto& [bundle, other] : sources_)
      if (other.type == "bundle" && !is_log && meant_by(bundle).contains(name))
        definition.relations.push_back({Kind::WantedBy, bundle});
  }

  const DefinitionCodec& directory_;
  std::map<std::string, Source> sources_;
  std::map<std::string, std::string> is_log_of_;  ///< a log's service
};

}  // namespace

std::vector<ReadDefinition> read_service_sources(std::span<const DirectoryContent> services,
                                                 const DefinitionCodec& directory) {
  return Reader(services, directory).read();
}

}  // namespace kindred::s6
