package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.LocalCluster;

/** What can happen to one node of a cluster. */
public enum ClusterFault {
    KILLED {
        @Override
        public void strike(LocalCluster cluster, int node) {
            cluster.nodes().get(node).kill();
        }

        @Override
        public void heal(LocalCluster cluster, int node) {
            cluster.nodes().get(node).start();
        }
    },
    /** Proxies reach it, the other nodes do not. */
    PARTITIONED {
        @Override
        public void strike(LocalCluster cluster, int node) {
            cluster.cutOff(node);
        }

        @Override
        public void heal(LocalCluster cluster, int node) {
            cluster.join(node);
        }
    },
    /** It holds its connections open and answers nobody. */
    FROZEN {
        @Override
        public void strike(LocalCluster cluster, int node) {
            cluster.nodes().get(node).freeze();
        }

        @Override
        public void heal(LocalCluster cluster, int node) {
            cluster.nodes().get(node).thaw();
        }
    };

    /**
     * Whether publishing goes on while it lasts. RabbitMQ was not seen to give a stream another leader within a minute after the node of
     * the leader was frozen.
     */
    boolean letsPublishingGoOn(Mode mode) {
        return this != FROZEN || mode == Mode.QUEUE;
    }

    public abstract void strike(LocalCluster cluster, int node);

    public abstract void heal(LocalCluster cluster, int node);
}
