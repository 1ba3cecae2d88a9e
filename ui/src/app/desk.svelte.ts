/** Opens the question who is at the desk, from wherever another person is needed. */
class Desk {
  isChanging = $state(false);

  changePerson(): void {
    this.isChanging = true;
  }

  done(): void {
    this.isChanging = false;
  }
}

export const desk = new Desk();
