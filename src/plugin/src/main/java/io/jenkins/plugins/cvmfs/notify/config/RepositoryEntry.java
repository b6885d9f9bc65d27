package io.jenkins.plugins.cvmfs.notify.config;

import hudson.Extension;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** A repository that pipelines may name: where it is published, who replicates it, whose signature it must bear. */
public final class RepositoryEntry implements Describable<RepositoryEntry> {

    private final String name;
    private @Nullable String stratum0;
    private @Nullable String masterKeys;
    private boolean allowUnverified;
    private @Nullable String server;
    private List<ReplicaEntry> replicas = new ArrayList<>();

    /** As typed; {@link Directory} says what is wrong with it when it is used. */
    @DataBoundConstructor
    public RepositoryEntry(@Nullable String name) {
        this.name = TypedText.or(name, "");
    }

    /** The fully qualified name. */
    public String getName() {
        return name;
    }

    /** The URL of the repository on its stratum 0; null if it is not known here. */
    public @Nullable String getStratum0() {
        return stratum0;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setStratum0(@Nullable String url) {
        this.stratum0 = TypedText.of(url);
    }

    /** Who replicates it, in the order in which results name them. */
    public List<ReplicaEntry> getReplicas() {
        return replicas;
    }

    /** Replaces all. */
    @DataBoundSetter
    public void setReplicas(@Nullable List<ReplicaEntry> all) {
        this.replicas = all == null ? new ArrayList<>() : new ArrayList<>(all);
    }

    /** Public keys in PEM, one or more; null if manifests are not verified. */
    public @Nullable String getMasterKeys() {
        return masterKeys;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setMasterKeys(@Nullable String pem) {
        this.masterKeys = TypedText.of(pem);
    }

    /** Returns true if a pipeline may announce a manifest unverified though there are master keys; false by default. */
    public boolean isAllowUnverified() {
        return allowUnverified;
    }

    /** Without master keys this setting has no effect. */
    @DataBoundSetter
    public void setAllowUnverified(boolean allowed) {
        this.allowUnverified = allowed;
    }

    /** The name of the server that announces it; null for the only one there is. */
    public @Nullable String getServer() {
        return server;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setServer(@Nullable String serverName) {
        this.server = TypedText.of(serverName);
    }

    /** The form of one repository. */
    @Extension
    public static final class DescriptorImpl extends Descriptor<RepositoryEntry> {

        @Override
        public String getDisplayName() {
            return Messages.RepositoryEntry_DisplayName();
        }

        /** Judges the name while it is typed. */
        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FieldCheck.administrator(() -> new RepositoryName(value.trim()));
        }

        /** Judges the URL while it is typed. */
        @POST
        public FormValidation doCheckStratum0(@QueryParameter String value) {
            return FieldCheck.administrator(() -> {
                if (!value.isBlank()) {
                    Directory.webLocation(value.trim());
                }
            });
        }

        /** Judges the keys while they are typed. */
        @POST
        public FormValidation doCheckMasterKeys(@QueryParameter String value) {
            return FieldCheck.administrator(() -> {
                if (!value.isBlank()) {
                    MasterKeys.parse(value);
                }
            });
        }

        /** Looks whether the chosen server is still there. */
        @POST
        public FormValidation doCheckServer(@QueryParameter String value) {
            return FieldCheck.administrator(() -> {
                if (!value.isBlank()) {
                    CvmfsNotifyConfiguration.get().directory().server(value);
                }
            });
        }

        /** The servers that were saved. */
        @POST
        public ListBoxModel doFillServerItems(@QueryParameter String server) {
            Jenkins.get().checkPermission(Jenkins.SYSTEM_READ);
            return ServerChoice.of(CvmfsNotifyConfiguration.get().getServers(), server);
        }
    }
}
