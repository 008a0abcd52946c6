package sei

import "slices"

// Profile is what a user may do in a unit.
type Profile string

// The profiles of SEI that this system knows.
const (
	ProfileBasic       Profile = "basico"
	ProfileColleague   Profile = "colaborador" // everything of Básico but signing
	ProfileProtocol    Profile = "protocolo"
	ProfileArchive     Profile = "arquivamento"
	ProfilePublisher   Profile = "publicador"
	ProfileAgencyAdmin Profile = "administrador_orgao"
	ProfileAdmin       Profile = "administrador"
	ProfileAuditor     Profile = "auditor" // metadata only
)

// profileNames has every profile with its name in SEI, in the order of a menu.
var profileNames = []struct {
	Profile Profile
	Name    string
}{
	{ProfileBasic, "Básico"},
	{ProfileColleague, "Colaborador"},
	{ProfileProtocol, "Protocolo"},
	{ProfileArchive, "Arquivamento"},
	{ProfilePublisher, "Publicador"},
	{ProfileAgencyAdmin, "Administrador do Órgão"},
	{ProfileAdmin, "Administrador"},
	{ProfileAuditor, "Auditor"},
}

// Profiles lists every profile in the order of a menu.
func Profiles() []Profile {
	all := make([]Profile, len(profileNames))
	for i, n := range profileNames {
		all[i] = n.Profile
	}
	return all
}

// Valid says whether p is a known profile.
func (p Profile) Valid() bool { return p.Name() != "" }

// Name is the profile's name in SEI, "" when unknown.
func (p Profile) Name() string {
	for _, n := range profileNames {
		if n.Profile == p {
			return n.Name
		}
	}
	return ""
}

// Actor is who acts, where and with which rights, as judged at the moment of
// the decision (user × unit × profile × validity). An actor without profiles
// has no rights in the unit.
type Actor struct {
	User     UserID
	Name     string // as shown and printed in a signature
	CPF      string // 11 digits or ""
	Unit     UnitID
	Agency   AgencyID // of the unit
	Device   DeviceID
	Profiles []Profile
}

// Active says whether the actor holds any right in the unit.
func (a Actor) Active() bool { return len(a.Profiles) > 0 }

func (a Actor) has(p Profile) bool { return slices.Contains(a.Profiles, p) }

// worksInProcesses says whether the actor takes part in processes; an Auditor
// or an administrator alone does not.
func (a Actor) worksInProcesses() bool {
	return slices.ContainsFunc(a.Profiles, func(p Profile) bool {
		switch p {
		case ProfileBasic, ProfileColleague, ProfileProtocol, ProfileArchive, ProfilePublisher:
			return true
		}
		return false
	})
}

// MaySign says whether the actor's profiles allow signing; Colaborador alone
// does not.
func (a Actor) MaySign() bool {
	return slices.ContainsFunc(a.Profiles, func(p Profile) bool {
		switch p {
		case ProfileBasic, ProfileProtocol, ProfileArchive, ProfilePublisher:
			return true
		}
		return false
	})
}

// MayAdminister says whether the actor may change users and units of agency.
func (a Actor) MayAdminister(agency AgencyID) bool {
	return a.has(ProfileAdmin) || a.has(ProfileAgencyAdmin) && a.Agency == agency
}
