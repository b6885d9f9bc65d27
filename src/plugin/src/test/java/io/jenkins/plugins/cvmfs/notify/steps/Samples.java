package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A small configuration and what pipelines ask of it. */
final class Samples {

    private Samples() {}

    /** Server {@code main}, repository {@code sw.example.org} on {@code site-a} and {@code site-b}. */
    static ConfiguredSites sites() {
        RepositoryEntry repository = new RepositoryEntry("sw.example.org");
        repository.setStratum0("http://zero.example.org/cvmfs/sw.example.org");
        repository.setReplicas(List.of(
                new ReplicaEntry("site-a", "http://a.example.org/cvmfs/sw.example.org"),
                new ReplicaEntry("site-b", "http://b.example.org/cvmfs/sw.example.org")));
        ServerEntry server = new ServerEntry("main", "http://notify.example.org/api/v1");
        return new ConfiguredSites(List.of(server), List.of(repository), false);
    }

    /** Waits for the revision on both replicas, for half an hour. */
    static WaitForCvmfsRevisionStep waitFor(@Nullable Long revision) {
        WaitForCvmfsRevisionStep step = new WaitForCvmfsRevisionStep();
        step.setRepository("sw.example.org");
        step.setRevision(revision);
        step.setTimeout(30);
        step.setServer("main");
        return step;
    }

    /** Announces from the source that is not null. */
    static CvmfsPublishNotifyStep publish(
            @Nullable String repository, @Nullable String url, @Nullable String file, @Nullable String server) {
        CvmfsPublishNotifyStep step = new CvmfsPublishNotifyStep();
        step.setRepository(repository);
        step.setRepositoryUrl(url);
        step.setManifestFile(file);
        step.setServer(server);
        return step;
    }

    /** The same without verification. */
    static CvmfsPublishNotifyStep publishUnverified(@Nullable String repository, @Nullable String file) {
        CvmfsPublishNotifyStep step = publish(repository, null, file, null);
        step.setVerify(false);
        return step;
    }
}
