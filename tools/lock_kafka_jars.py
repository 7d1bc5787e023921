"""Write ecomkafka/broker/kafka_jars.json anew: run it after changing VERSION, then read the diff.

The locked list is the full closure, so a user's machine fetches 46 files and never resolves a POM.
"""

import hashlib
import json
import tempfile
from pathlib import Path

from jgo.maven import MavenContext

VERSION = "4.3.1"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl"  # Kafka's own download has it, its POM does not
LOCK = Path(__file__).parents[1] / "ecomkafka" / "broker" / "kafka_jars.json"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        maven = MavenContext(repo_cache=Path(folder))
        kafka = maven.create_dependency(f"org.apache.kafka:kafka_2.13:{VERSION}")
        inputs, transitive = maven.resolver.resolve([kafka])
        components = {dependency.artifact.component for dependency in [*inputs, *transitive]}
        log4j = next(c.version for c in components if c.artifactId == "log4j-core")
        group, name = LOGGING.split(":")
        components.add(maven.project(group, name).at_version(log4j))
        jars = []
        for component in sorted(components, key=str):
            content = component.artifact().resolve().read_bytes()
            coordinate = f"{component.groupId}:{component.artifactId}:{component.version}"
            jars.append({"jar": coordinate, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    lines = ",\n".join(f"  {json.dumps(jar)}" for jar in jars)
    LOCK.write_text(f'{{"version": "{VERSION}", "jars": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
