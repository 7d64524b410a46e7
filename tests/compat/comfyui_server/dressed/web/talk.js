window.dressed = "here";
