// Package trust builds certificate chains to configured roots and says what
// kind of root it is: ICP-Brasil (qualified signatures), gov.br (advanced),
// training, or other. The anchors and intermediates of ICP-Brasil are embedded
// (see icpbrasil/README.md for their origin and day) and can be replaced.
//
// Nothing here uses the network. Revocation is asked of a Revocation source;
// without one the answer is "not checked", stated as such.
package trust
