package pkcs11

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestRawECDSASignaturesBecomeVerifiableValues(t *testing.T) {
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		size := (curve.Params().BitSize + 7) / 8
		digest := sha256.Sum256([]byte("x"))
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		raw := append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
		der, err := ecdsaValue(raw, size)
		if err != nil || !ecdsa.VerifyASN1(&key.PublicKey, digest[:], der) {
			t.Errorf("%s: %v", curve.Params().Name, err)
		}
	}
}

func TestAnECDSASignatureOfImpossibleLengthIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 63, 65, 66, 200}).Draw(t, "length")
		if _, err := ecdsaValue(make([]byte, n), 32); err == nil {
			t.Fatalf("%d bytes were accepted", n)
		}
	})
}

func TestADriverThatEncodesECDSAItselfIsUnderstood(t *testing.T) {
	raw := append(big.NewInt(1).FillBytes(make([]byte, 32)), new(big.Int).Lsh(big.NewInt(1), 255).FillBytes(make([]byte, 32))...)
	der, err := ecdsaValue(raw, 32)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ecdsaValue(append([]byte(nil), der...), 16)
	if err != nil || string(again) != string(der) {
		t.Errorf("%x became %x, %v", der, again, err)
	}
}
