#include "core/definition/service_definition.h"

namespace kindred {
namespace definition {

Step::Step(const Step& other) = default;
Step::Step(Step&& other) noexcept = default;
Step& Step::operator=(const Step& other) { return *this = Step(other); }
Step& Step::operator=(Step&& other) noexcept = default;
Step::~Step() = default;

bool operator==(const Step& a, const Step& b) {
  return static_cast<const AnyStep&>(a) == static_cast<const AnyStep&>(b);
}

}  // namespace definition

ServiceDefinition::ServiceDefinition() = default;
ServiceDefinition::ServiceDefinition(const ServiceDefinition& other) = default;
ServiceDefinition::ServiceDefinition(ServiceDefinition&& other) noexcept = default;
ServiceDefinition& ServiceDefinition::operator=(const ServiceDefinition& other) = default;
ServiceDefinition& ServiceDefinition::operator=(ServiceDefinition&& other) noexcept = default;
ServiceDefinition::~ServiceDefinition() = default;

}  // namespace kindred
