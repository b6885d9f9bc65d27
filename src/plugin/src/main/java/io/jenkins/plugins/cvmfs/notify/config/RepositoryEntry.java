package io.jenkins.plugins.cvmfs.notify.config;

import com.cloudbees.plugins.credentials.common.StandardListBoxModel;
import hudson.Extension;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaList;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.connection.KeyCredentials;
import io.jenkins.plugins.cvmfs.notify.connection.SelfDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import net.sf.json.JSONArray;
import net.sf.json.JSONObject;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.HttpResponse;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.json.JsonHttpResponse;
import org.kohsuke.stapler.verb.POST;

/** A repository that pipelines may name: where it is published and replicated, and the keys that its manifests are signed with. */
public final class RepositoryEntry implements Describable<RepositoryEntry> {

    private final String name;
    private @Nullable String stratum0;
    private @Nullable String masterKeys;
    private @Nullable String masterKeysCredentialsId;
    private boolean allowUnverified;
    private @Nullable String server;
    private List<ReplicaEntry> replicas = new ArrayList<>();
    /** Some of the replicas, as a text that is not saved; null if none came so. */
    private transient @Nullable String replicaList;

    /** As typed; {@link ConfiguredSites} checks it when it is used. */
    @DataBoundConstructor
    public RepositoryEntry(@Nullable String name) {
        this.name = FormFields.text(name, "");
    }

    public String getName() {
        return name;
    }

    /** The URL of the repository on its stratum 0; null if it is not configured. */
    public @Nullable String getStratum0() {
        return stratum0;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setStratum0(@Nullable String url) {
        this.stratum0 = FormFields.text(url);
    }

    /** The replicas, in the order in which results name them. */
    public List<ReplicaEntry> getReplicas() {
        return replicas;
    }

    @DataBoundSetter
    public void setReplicas(@Nullable List<ReplicaEntry> all) {
        this.replicas = all == null ? new ArrayList<>() : new ArrayList<>(all);
        addListed();
    }

    /** Returns null: replicas that came as a text are among the others. */
    public @Nullable String getReplicaList() {
        return null;
    }

    /**
     * Adds replicas from a text, as {@link ReplicaList} reads it. Those with a mistake are kept as typed, so that it can be fixed in the
     * form.
     */
    @DataBoundSetter
    public void setReplicaList(@Nullable String text) {
        this.replicaList = text;
        addListed();
    }

    private void addListed() {
        if (replicaList != null) {
            ReplicaList.Reading reading = read(replicaList, name, replicas);
            reading.replicas().forEach(replica -> replicas.add(ReplicaEntry.of(replica)));
            reading.problems().stream()
                    .filter(problem -> !problem.isRepeated())
                    .forEach(problem -> replicas.add(new ReplicaEntry("", problem.item())));
        }
    }

    /** Reads a list of replicas, in which only web addresses are good. */
    private static ReplicaList.Reading read(String list, String name, List<ReplicaEntry> present) {
        List<Replica> known = new ArrayList<>();
        for (ReplicaEntry entry : present) {
            try {
                known.add(entry.replica());
            } catch (InvalidInputException e) {
                // Reported beside its own field.
            }
        }
        RepositoryName repository = null;
        try {
            repository = new RepositoryName(name.trim());
        } catch (InvalidInputException e) {
            // Reported beside its own field.
        }
        return ReplicaList.read(
                list, repository, known, replica -> ReplicaEntry.of(replica).location());
    }

    /** Public keys in PEM, one or more; null if there are none here. */
    public @Nullable String getMasterKeys() {
        return masterKeys;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setMasterKeys(@Nullable String pem) {
        this.masterKeys = FormFields.text(pem);
    }

    /** The id of a secret file or secret text with more public keys; null if there are none. */
    public @Nullable String getMasterKeysCredentialsId() {
        return masterKeysCredentialsId;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setMasterKeysCredentialsId(@Nullable String id) {
        this.masterKeysCredentialsId = FormFields.text(id);
    }

    /** Returns true if manifests are verified. */
    boolean isVerified() {
        return masterKeys != null || masterKeysCredentialsId != null;
    }

    /**
     * Returns the keys of both places. May block while it looks up credentials.
     *
     * @param folder the full name of the folder that the entry belongs to, whose credentials are used; null for Jenkins as a whole
     * @return empty if manifests are not verified
     * @throws NotifyException if there are no such credentials, or a key is malformed
     */
    Optional<MasterKeys> keys(@Nullable String folder) {
        return isVerified()
                ? Optional.of(MasterKeys.parse(pem(masterKeys, masterKeysCredentialsId, folder)))
                : Optional.empty();
    }

    private static String pem(@Nullable String typed, @Nullable String credentialsId, @Nullable String folder) {
        String kept = "";
        if (credentialsId != null) {
            kept = KeyCredentials.read(folder, credentialsId);
            // A secret that is something else must not hide behind the keys that were typed.
            var unused = MasterKeys.parse(kept);
        }
        return (typed == null ? "" : typed + "\n") + kept;
    }

    /** Returns true if a pipeline may skip the verification of a manifest despite the master keys; false by default. */
    public boolean isAllowUnverified() {
        return allowUnverified;
    }

    /** Without master keys this setting has no effect. */
    @DataBoundSetter
    public void setAllowUnverified(boolean allowed) {
        this.allowUnverified = allowed;
    }

    /** The name of the server to announce it at and to subscribe to; null for the only one. */
    public @Nullable String getServer() {
        return server;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setServer(@Nullable String serverName) {
        this.server = FormFields.text(serverName);
    }

    /** The form of one repository. */
    @Extension
    public static final class DescriptorImpl extends Descriptor<RepositoryEntry> {

        @Override
        public String getDisplayName() {
            return Messages.RepositoryEntry_DisplayName();
        }

        @POST
        public FormValidation doCheckName(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormPlace.of(item).check(() -> new RepositoryName(value.trim()));
        }

        @POST
        public FormValidation doCheckStratum0(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            FormPlace place = FormPlace.of(item);
            return place.check(() -> {
                if (!value.isBlank()) {
                    ConfiguredSites.webLocation(value.trim());
                    place.requireHost(value);
                }
            });
        }

        @POST
        public FormValidation doCheckMasterKeys(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormPlace.of(item).check(() -> {
                if (!value.isBlank()) {
                    MasterKeys.parse(value);
                }
            });
        }

        @POST
        public ListBoxModel doFillMasterKeysCredentialsIdItems(
                @AncestorInPath @Nullable Item item, @QueryParameter String masterKeysCredentialsId) {
            FormPlace place = FormPlace.of(item);
            place.checkMayRead();
            StandardListBoxModel model = new StandardListBoxModel();
            model.includeEmptyValue();
            if (place.mayConfigure()) {
                model.withAll(KeyCredentials.all(place.folder()));
            }
            return model.includeCurrentValue(masterKeysCredentialsId);
        }

        /** Checks that the chosen credentials still exist and hold keys. */
        @POST
        public FormValidation doCheckMasterKeysCredentialsId(
                @AncestorInPath @Nullable Item item, @QueryParameter String value) {
            FormPlace place = FormPlace.of(item);
            return place.check(() -> {
                if (!value.isBlank()) {
                    var unused = pem(null, value, place.folder());
                }
            });
        }

        /** Says which replicas the list adds, and which of its lines are wrong. */
        @POST
        public FormValidation doCheckReplicaList(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String name) {
            FormPlace.of(item).checkMayConfigure();
            ReplicaList.Reading list = read(value, name, List.of());
            if (!list.problems().isEmpty()) {
                return FormValidation.aggregate(list.problems().stream()
                        .map(problem -> FormValidation.error(problem.toString()))
                        .toList());
            }
            return list.replicas().isEmpty()
                    ? FormValidation.ok()
                    : FormValidation.ok(Messages.RepositoryEntry_Adds(
                            list.replicas().stream().map(Replica::name).collect(Collectors.joining(", "))));
        }

        /**
         * Reads the list for the table of replicas in the form.
         *
         * @param present the rows of the table, as such a list
         */
        @POST
        public HttpResponse doReadReplicaList(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String replicaList,
                @QueryParameter String name,
                @QueryParameter String present) {
            FormPlace.of(item).checkMayConfigure();
            List<ReplicaEntry> known = read(present, name, List.of()).replicas().stream()
                    .map(ReplicaEntry::of)
                    .toList();
            ReplicaList.Reading list = read(replicaList, name, known);
            JSONArray rows = new JSONArray();
            for (Replica added : list.replicas()) {
                ReplicaEntry replica = ReplicaEntry.of(added);
                JSONObject row = new JSONObject();
                row.put("name", replica.getName());
                row.put("url", replica.getUrl());
                row.put("proxy", replica.getProxy() == null ? "" : replica.getProxy());
                rows.add(row);
            }
            // Wrong ones stay in the list, whose own check says why.
            JSONObject answer = answer(true, lines(list, ReplicaList.Problem::isRepeated, Object::toString));
            answer.put("replicas", rows);
            answer.put("replicaList", lines(list, problem -> !problem.isRepeated(), ReplicaList.Problem::item));
            return new JsonHttpResponse(answer);
        }

        private static String lines(
                ReplicaList.Reading list,
                Predicate<ReplicaList.Problem> which,
                Function<ReplicaList.Problem, String> text) {
            return list.problems().stream().filter(which).map(text).collect(Collectors.joining("\n"));
        }

        /** Reads what the repository says of itself, with the values in the form, saved or not. Blocks for 15 s at most. */
        @POST
        public HttpResponse doReadStratum0(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String name,
                @QueryParameter String stratum0,
                @QueryParameter String masterKeys,
                @QueryParameter String masterKeysCredentialsId) {
            FormPlace place = FormPlace.of(item);
            place.checkMayConfigure();
            RepositoryEntry entry = new RepositoryEntry(name);
            entry.setMasterKeys(masterKeys);
            entry.setMasterKeysCredentialsId(masterKeysCredentialsId);
            try {
                RepositoryLocation location = ConfiguredSites.webLocation(stratum0.trim());
                place.requireHost(stratum0);
                SelfDescription found = SelfDescription.read(location, entry.keys(place.folder()));
                boolean another = !entry.getName().isEmpty() && !entry.getName().equals(found.name());
                JSONObject answer = answer(
                        !another && !found.isRejected(),
                        another
                                ? Messages.RepositoryEntry_AnotherRepository(found.summary(), entry.getName())
                                : found.summary());
                answer.put("name", found.name());
                answer.put("replicaList", String.join("\n", found.stratum1s()));
                return new JsonHttpResponse(answer);
            } catch (NotifyException e) {
                return new JsonHttpResponse(answer(false, e.getMessage()));
            }
        }

        private static JSONObject answer(boolean isGood, String message) {
            JSONObject answer = new JSONObject();
            answer.put("ok", isGood);
            answer.put("message", message);
            return answer;
        }

        /**
         * Checks that the chosen server is in the form, else that it is configured.
         *
         * @param formServers the names of the servers in the form, saved or not, a line each; null if the form does not say
         */
        @POST
        public FormValidation doCheckServer(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter @Nullable String formServers) {
            FormPlace place = FormPlace.of(item);
            return place.check(() -> {
                if (value.isBlank()) {
                    return;
                }
                if (formServers == null) {
                    var unused = place.sites().server(value);
                } else if (!place.servers(formServers).contains(value)) {
                    throw new InvalidInputException(Messages.RepositoryEntry_NoServer(value));
                }
            });
        }

        /** Returns the servers in the form, which need not be saved yet; the configured ones if the form does not say. */
        @POST
        public ListBoxModel doFillServerItems(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String server,
                @QueryParameter @Nullable String formServers) {
            FormPlace place = FormPlace.of(item);
            place.checkMayRead();
            return FormFields.servers(Messages.RepositoryEntry_DefaultServer(), server, place.servers(formServers));
        }
    }
}
