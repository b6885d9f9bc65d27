package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A small configuration and what pipelines ask of it. */
final class Samples {

    private Samples() {}

    /** Server {@code main}, repository {@code sw.example.org} on {@code site-a} and {@code site-b}. */
    static Directory directory() {
        RepositoryEntry repository = new RepositoryEntry("sw.example.org");
        repository.setStratum0("http://zero.example.org/cvmfs/sw.example.org");
        repository.setReplicas(List.of(
                new ReplicaEntry("site-a", "http://a.example.org/cvmfs/sw.example.org"),
                new ReplicaEntry("site-b", "http://b.example.org/cvmfs/sw.example.org")));
        ServerEntry server = new ServerEntry("main", "http://notify.example.org/api/v1");
        return new Directory(List.of(server), List.of(repository), false);
    }

    /** Waits for the revision on both replicas, for half an hour. */
    static WaitRequest request(@Nullable Long revision) {
        return new WaitRequest(
                "sw.example.org",
                revision,
                null,
                null,
                List.of(),
                "all",
                Duration.ofMinutes(30),
                "fail",
                "wait",
                "main");
    }
}
