package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Request;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Answer;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;

/** Translates between one gate, which knows replicas by name, and the room, which knows places. */
final class Questions {

    private Questions() {}

    static Question of(Request request, RepositoryLocation location) {
        if (request instanceof GateAction.SeekRootCatalog seek) {
            return new Question.RootCatalog(location, seek.hash());
        }
        return request instanceof GateAction.ReadSnapshotTime
                ? new Question.LastSnapshot(location)
                : new Question.Manifest(location);
    }

    /** What the finding means to the gate that made this request; a manifest of another repository means nothing. */
    static Answer answer(Request request, RepositoryName repository, ReplicaFinding finding) {
        Replica replica = request.replica();
        if (finding instanceof ReplicaFinding.Manifest manifest) {
            RepositoryName found = manifest.repository();
            return found == null || found.equals(repository)
                    ? new GateEvent.ManifestRead(replica, manifest.publication())
                    : new GateEvent.Failed(replica, "the manifest there is of repository '%s'".formatted(found));
        }
        if (finding instanceof ReplicaFinding.RootCatalog catalog
                && request instanceof GateAction.SeekRootCatalog seek) {
            return new GateEvent.RootCatalogSought(replica, seek.hash(), catalog.present());
        }
        if (finding instanceof ReplicaFinding.LastSnapshot snapshot) {
            return new GateEvent.SnapshotTimeRead(replica, snapshot.at());
        }
        return new GateEvent.Failed(
                replica, finding instanceof ReplicaFinding.Problem problem ? problem.text() : "no answer");
    }
}
